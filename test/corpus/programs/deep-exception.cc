// A recursion of 8,000 calls of a method and a template that ends in an exception that nobody catches.
#include <stdexcept>
#include <string>

struct Visitor {
  int visited = 0;
  template <typename Name> int child(const Name &name) {
    Name own = name.substr(0, 4) + std::to_string(visited);
    return visit(own, visited) + visited;
  }
  int visit(const std::string &name, int depth) {
    visited++;
    if (depth == 4000)
      throw std::runtime_error("too deep: " + name);
    return child(name) + static_cast<int>(name.size());
  }
};

int main() {
  Visitor visitor;
  return visitor.visit("root", 0);
}
