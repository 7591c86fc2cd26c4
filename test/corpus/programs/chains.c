/* Structures of structures and pointers to pointers: a graph on the heap, a ring, a table of strings, a union. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct address {
  char street[32];
  char *city;
};

struct person {
  char *name;
  struct address home;
  struct address *work;
  struct person *friend;
  const char **languages;
};

union value {
  long number;
  char *text;
};

struct setting {
  const char *key;
  enum { NUMBER, TEXT } kind;
  union value value;
};

static struct person *person(const char *name, struct person *friend) {
  static const char *languages[] = {"English", "Deutsch", NULL};
  struct person *made = calloc(1, sizeof *made);
  made->name = strdup(name);
  snprintf(made->home.street, sizeof made->home.street, "street of %s", name);
  made->home.city = strdup("a city");
  made->work = calloc(1, sizeof *made->work);
  made->work->city = strdup("another city");
  made->friend = friend;
  made->languages = languages;
  return made;
}

static int greet(struct person *who, struct person **everybody, struct setting *settings) {
  struct person *friend = who->friend;
  struct person second = **everybody;
  struct address work = *friend->work;
  char **names[2] = {&who->name, &friend->name};
  struct setting *last = &settings[1];
  return who->name[0] + second.name[0] + work.city[0] + **names[1] + last->value.text[0] + *(volatile int *)0;
}

int main(void) {
  struct person *first = person("Ada", NULL);
  struct person *everybody[3] = {person("Grace", first), person("Edsger", first), first};
  first->friend = everybody[1];
  struct setting settings[2] = {{"limit", NUMBER, {.number = 42}}, {"title", TEXT, {.text = strdup("Dr.")}}};
  return greet(everybody[0], everybody, settings);
}
