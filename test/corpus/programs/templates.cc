// Templates within templates: long names, several instances of one function.
#include <string>
#include <utility>
#include <vector>

template <typename Key, typename Value> struct Table {
  std::vector<std::pair<Key, Value>> rows;
  template <typename Visitor> int each(Visitor &&visitor) const {
    int sum = 0;
    for (const auto &row : rows)
      sum += visitor(row.first, row.second);
    return sum;
  }
};

template <typename... Values> static int count(const Values &...values) { return (0 + ... + static_cast<int>(values.size())); }

template <int Depth> static int nest(const Table<std::string, Table<int, std::string>> &table) {
  if constexpr (Depth == 0)
    return table.each([](const std::string &key, const Table<int, std::string> &inner) {
      return inner.each([&key](int number, const std::string &text) {
        return count(key, text) + *(volatile int *)nullptr + number;
      });
    });
  else
    return nest<Depth - 1>(table) + Depth;
}

int main() {
  Table<std::string, Table<int, std::string>> table;
  table.rows.push_back({"outer key", {{{7, "inner text that is long enough to lie on the heap"}}}});
  return nest<3>(table);
}
