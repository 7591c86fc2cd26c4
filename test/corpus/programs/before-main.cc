// A crash in a constructor that runs before main().
#include <string>

struct Registry {
  explicit Registry(const char *name) : name(name) { count = this->name.size() + *other; }
  std::string name;
  std::size_t count = 0;
  volatile std::size_t *other = nullptr;
};

static Registry registry("the registry of everything, a name on the heap");

int main() { return registry.count; }
