// Two threads write the same number, to see that a sanitizer that looks for such things finds one.
#include <thread>

int main() {
  int number = 0;
  std::thread other([&number] { number = 1; });
  number = 2;
  other.join();
  return number > 2 ? 1 : 0;
}
