// Books step after step from the one that is named on, and says each that is committed, until it is killed.
#include <cstdio>
#include <cstdlib>

#include "ledger/store.hpp"
#include "rooms/ledger/kill_script.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  emporia::ledger::Store store(argv[1]);
  for (int step = std::atoi(argv[2]);; ++step) {
    if (!store.book(emporia::ledger::step_of(step)).ok()) return 1;
    std::printf("booked %d\n", step);
    std::fflush(stdout);
  }
}
