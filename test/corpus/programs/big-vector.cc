// Vectors with hundreds of elements.
#include <string>
#include <vector>

static int use(std::vector<std::string> &names, std::vector<double> &sums) {
  return *(volatile int *)nullptr + names.size() + sums.size();
}

int main() {
  std::vector<std::string> names;
  std::vector<double> sums;
  for (int i = 0; i < 300; i++) {
    names.push_back("name of number " + std::to_string(i));
    sums.push_back(i);
  }
  return use(names, sums);
}
