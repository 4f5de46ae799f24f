#include "partner/libraries.hpp"

#include <google/protobuf/stubs/common.h>
#include <grpcpp/grpcpp.h>

namespace emporia::partner {

runtime::Libraries libraries() {
  return {{"gRPC", grpc::Version()}, {"Protobuf", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)}};
}

}  // namespace emporia::partner
