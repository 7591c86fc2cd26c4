/* The library of replaced-library.c, and the plugin of plugin.c. */
static __thread int searches = 40;

struct entry {
  const char *key;
  int value;
};

static struct entry entries[] = {{"first", 1}, {"second", 2}};

static int compare(const struct entry *entry, const char *key) {
  searches++;
  return entry->key[0] - key[0] + *(volatile int *)0;
}

int find_entry(const char *key, int start) {
  struct entry *entry = &entries[start % 2];
  return compare(entry, key);
}
