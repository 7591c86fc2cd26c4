// Containers of the standard library as locals and arguments of the function that crashes.
#include <any>
#include <array>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

struct Part {
  int number;
  std::string label;
};

using Value = std::variant<int, std::string, std::vector<double>>;

static int examine(const std::unordered_map<std::string, Part> &parts, const std::optional<Part> &chosen,
                   const Value &value, const std::list<std::string> &words) {
  std::vector<std::vector<int>> matrix{{1, 2, 3}, {4, 5, 6}};
  std::map<int, std::map<int, std::string>> nested{{1, {{10, "ten and a few more characters"}}}, {2, {{20, "twenty"}}}};
  std::set<std::string> names{"alpha", "beta", "a name longer than fifteen characters"};
  std::deque<int> queue(40, 7);
  std::shared_ptr<Part> shared = std::make_shared<Part>(Part{5, "a shared part with a longer label"});
  std::weak_ptr<Part> weak = shared;
  std::unique_ptr<Part> owned = std::make_unique<Part>(Part{6, "an owned part with a longer label"});
  std::tuple<int, std::string, double> tuple{1, "two, three, four, five, six", 3.5};
  std::array<std::string, 2> pair{"first of the array, a long one", "second"};
  return *(volatile int *)nullptr + parts.size() + matrix.size() + queue.size() + words.size();
}

int main() {
  std::unordered_map<std::string, Part> parts;
  for (int i = 0; i < 12; i++)
    parts["key number " + std::to_string(i) + " of the map"] = {i, "label number " + std::to_string(i)};
  std::optional<Part> chosen = Part{3, "the chosen part has a long label"};
  Value value = std::vector<double>{1.5, 2.5, 3.5};
  std::list<std::string> words{"one word", "another word that is a little longer", "third"};
  return examine(parts, chosen, value, words);
}
