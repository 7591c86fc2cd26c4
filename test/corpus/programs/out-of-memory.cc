// A request for more memory than there is, by a size that came out negative.
#include <string>
#include <vector>

struct Image {
  int width, height;
  std::vector<char> pixels;
};

static Image load(const std::string &name, int width, int height) {
  Image image{width, height, {}};
  image.pixels.resize(static_cast<std::size_t>(width) * height);
  return image;
}

int main() { return load("a picture with a long name", 40000, -3).width; }
