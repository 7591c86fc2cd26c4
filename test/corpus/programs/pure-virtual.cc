// A virtual function that is called before there is one: the constructor of the base runs it.
#include <string>

struct Shape {
  explicit Shape(std::string name) : name(std::move(name)) { describe(); }
  virtual ~Shape() = default;
  virtual double area() const = 0;
  void describe() const { size = area(); }
  std::string name;
  mutable double size = 0;
};

struct Circle : Shape {
  explicit Circle(double radius) : Shape("a circle"), radius(radius) {}
  double area() const override { return 3.14 * radius * radius; }
  double radius;
};

int main() {
  Circle circle(2);
  return static_cast<int>(circle.size);
}
