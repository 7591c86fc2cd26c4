// An exception that nobody catches, thrown by a function that has containers for arguments.
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace shop {

struct Order {
  std::string customer;
  std::vector<int> items;
  std::vector<std::string> notes;
  std::map<std::string, double> prices;
  std::shared_ptr<std::string> owner;
};

class Checkout {
public:
  explicit Checkout(int limit) : limit(limit) {}
  double total(const Order &order) const {
    if (order.items.size() > static_cast<std::size_t>(limit))
      throw std::runtime_error("too many items for " + order.customer);
    return order.prices.at("bolt");
  }

private:
  int limit;
};

} // namespace shop

int main() {
  shop::Order order{"ACME, a customer whose name is not short",
                    {1, 2, 3},
                    {"first note which is a long one", "second"},
                    {{"bolt", 0.5}, {"nut", 0.25}, {"screw with a long name, longer than short", 1}},
                    std::make_shared<std::string>("an owner with a long name as well")};
  shop::Checkout checkout(2);
  return static_cast<int>(checkout.total(order));
}
