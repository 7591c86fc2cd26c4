// An exception in a std::thread, thrown through a lambda and a std::function.
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct Job {
  std::string name;
  std::vector<double> samples;
};

static double mean(const Job &job) {
  if (job.samples.size() < 4)
    throw std::length_error("not enough samples for " + job.name);
  return job.samples[0];
}

int main() {
  Job job{"a job with a name that does not fit into the string itself", {1.5, 2.5}};
  std::function<double(const Job &)> evaluate = [factor = 3.0](const Job &given) { return factor * mean(given); };
  std::thread worker([&] { evaluate(job); });
  worker.join();
}
