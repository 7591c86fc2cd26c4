// A virtual function of an object that is deleted and whose memory has been used again.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

struct Listener {
  virtual ~Listener() = default;
  virtual int notify(const std::string &event) { return event.size(); }
  long registered = 7;
  long pad[4] = {1, 2, 3, 4};
};

static int publish(Listener *listener, const std::string &event) { return listener->notify(event); }

int main() {
  auto *listener = new Listener;
  delete listener;
  char *other = static_cast<char *>(std::malloc(sizeof(Listener)));
  std::memset(other, 0x61, sizeof(Listener));
  return publish(listener, "an event with a name that is long enough");
}
