/* Memory that is given back twice: glibc notices. */
#include <stdlib.h>
#include <string.h>

static void drop(char *text) { free(text); }

int main(void) {
  char *volatile text = strdup("a text that is given back twice");
  drop(text);
  drop(text);
  return 0;
}
