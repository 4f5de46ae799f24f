#include <algorithm>
#include <cctype>

#include "runtime/text.hpp"
#include "settings/endpoint.hpp"
#include "settings/files.hpp"
#include "settings/loading.hpp"
#include "settings/nearest.hpp"
#include "settings/shard.hpp"

namespace emporia::settings {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_email(const std::string& text) {
  const auto sign = text.find('@');
  return sign != std::string::npos && sign > 0 && sign + 1 < text.size() && sign == text.rfind('@') &&
         text.find(' ') == std::string::npos;
}

std::string complaint_about_topic(const std::string& text) {
  constexpr std::size_t kLongest = 200;  // leaves room for ids and names within MQTT's 65,535 bytes
  if (text.size() > kLongest) return runtime::concat("longer than ", kLongest, " bytes");
  if (text.find_first_of("+#") != std::string::npos) return "the wildcards + and # are not allowed in this topic";
  if (text.front() == '/' || text.back() == '/') return "a topic here neither begins nor ends with /";
  if (text.find("//") != std::string::npos) return "a level of the topic is empty (//)";
  // MQTT 5, 4.7.2: such topics are the broker's own.
  if (text.front() == '$') return "topics that begin with $ belong to the broker";
  return {};
}

std::string complaint_about_pem(const std::string& path) {
  constexpr std::size_t kLargest = 1024 * 1024;
  const auto content = read_file(path, kLargest);
  if (!content) return runtime::concat(path, " ", content.error());
  if (content.value().text.find("-----BEGIN ") == std::string::npos) {
    return runtime::concat(path, " is not in PEM form: no line begins with -----BEGIN");
  }
  return {};
}

}  // namespace

std::string complaint_about(Form form, const std::string& text) {
  if (std::any_of(text.begin(), text.end(), is_control)) return "holds a control character, such as a line break";
  switch (form) {
    case Form::email:
      return is_email(text) ? "" : "not an e-mail address";
    case Form::endpoint:
      // Not quoted: who writes an address with user and password would see it in the log.
      return parse_endpoint(text) ? "" : "expected host:port without scheme or path, like \"127.0.0.1:50052\"";
    case Form::listen:
      return parse_listen(text) ? ""
                                : "expected address:port of this machine, like \"127.0.0.1:9877\" or \"[::]:9877\"";
    case Form::host:
      return is_host(text) ? "" : "expected a host name or an address without scheme, port or brackets";
    case Form::web:
      // Not quoted either.
      return parse_web_address(text) ? "" : "expected the address of a web server, like \"http://192.0.2.7:8123\"";
    case Form::topic:
      return complaint_about_topic(text);
    case Form::shard:
      return parse_shard(text) ? ""
                               : runtime::concat("is ", in_quotes(text),
                                                 ", expected number/count like \"2/8\", the "
                                                 "number from 1 to the count and the count at most ",
                                                 kMostShards);
    case Form::pem_file:
      return complaint_about_pem(text);
    case Form::any:
    case Form::device:
    case Form::file:
    case Form::directory:
      break;
  }
  return {};
}

}  // namespace emporia::settings
