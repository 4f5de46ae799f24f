#include "cli/which_device.hpp"

#include <doctest/doctest.h>

using namespace emporia;
using namespace emporia::cli;

namespace {

const std::vector<NamedDevice> kHome{{"F2310A", "House"},       {"B2136A", "Floor lamp"}, {"B2136B", "Garage freezer"},
                                     {"D2245A", "Garage door"}, {"Z1", "Lamp"},           {"Z2", "Lamp"},
                                     {"Z3", "B2136A"}};

std::string meant(const char* typed) {
  const auto found = which_device(kHome, typed);
  return found ? found.value().id : found.error();
}

}  // namespace

TEST_CASE("a device is meant by id, by name whatever the case, or by a beginning that one alone has") {
  CHECK(meant("F2310A") == "F2310A");
  CHECK(meant("f2310a") == "F2310A");
  CHECK(meant("House") == "F2310A");
  CHECK(meant("floor LAMP") == "B2136A");
  CHECK(meant("Garage f") == "B2136B");
  CHECK(meant("D2") == "D2245A");
  // Another device is called like this one's id.
  CHECK(meant("B2136A") == "B2136A");
}

TEST_CASE("what may be several devices or none is told, with what is near") {
  CHECK(meant("Garage") == "\"Garage\" may be \"Garage freezer\" (B2136B), \"Garage door\" (D2245A): use the id");
  CHECK(meant("lamp") == "\"lamp\" may be \"Lamp\" (Z1), \"Lamp\" (Z2): use the id");
  CHECK(meant("Huose") == "no device \"Huose\"; did you mean \"House\"?");
  CHECK(meant("quite another thing").rfind("no device \"quite another thing\"; there are \"House\" (F2310A), ", 0) ==
        0);
  CHECK(meant("").rfind("no device \"\"; there are", 0) == 0);
  CHECK(which_device({}, "House").error() == "no device \"House\": there are none");
}
