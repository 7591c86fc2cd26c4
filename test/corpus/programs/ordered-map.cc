// A std::map of a thousand entries, of which gdb prints two hundred, in optimised code.
#include <map>
#include <string>

__attribute__((noinline)) static double lookup(const std::map<std::string, double> &prices, const std::string &key) {
  return prices.at(key);
}

int main() {
  std::map<std::string, double> prices;
  for (int i = 0; i < 1000; i++)
    prices["article number " + std::to_string(i)] = i / 4.0;
  return lookup(prices, "an article that is not there");
}
