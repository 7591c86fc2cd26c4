// An exception that leaves a noexcept function: terminate() without unwinding, with what() in the exception.
#include <string>
#include <vector>

struct Table {
  std::vector<std::string> rows{"a row that is longer than what fits into a string", "short"};
  const std::string &row(std::size_t number) const noexcept { return rows.at(number); }
};

int main() {
  Table table;
  return table.row(5).size();
}
