// Loaded into the bridge before the C library: a name look-up that nobody ever answers, as with a network that is half
// up. Addresses are looked up as ever.
#include <arpa/inet.h>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
  using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  if (name != nullptr && std::strcmp(name, "broker.example") == 0) {
    std::fprintf(stderr, "looking up %s\n", name);
    for (;;) pause();
  }
  static const auto real = reinterpret_cast<Lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(name, service, hints, result);
}
