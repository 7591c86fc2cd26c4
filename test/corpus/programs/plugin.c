/* A crash in a library that was loaded with dlopen(3): its thread-local variables lie in memory of their own. */
#include <dlfcn.h>

int main(int argc, char **argv) {
  void *plugin = dlopen(argv[1], RTLD_NOW);
  int (*find)(const char *, int) = (int (*)(const char *, int))dlsym(plugin, "find_entry");
  return find("a key", argc);
}
