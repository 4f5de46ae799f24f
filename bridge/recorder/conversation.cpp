#include "recorder/conversation.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "runtime/text.hpp"

namespace emporia::recorder {
namespace {

using namespace std::chrono_literals;

constexpr auto kReadyWithin = 30s;
// Clearing statistics waits up to 10 s for the recorder; reading a large range on a small machine takes as long.
constexpr auto kAnsweredWithin = 60s;
// What a year of all circuits' hours is. Depth: an object of lists of objects.
constexpr json::Limits kLimits{std::size_t{16} * 1024 * 1024, 16};

std::string text_of(const json::Value& value, std::string_view key) {
  const json::Value* found = value.find(key);
  const std::string* text = found == nullptr ? nullptr : found->as_string();
  return text == nullptr ? std::string() : *text;
}

/// A stranger's text for a message of ours.
std::string quoted(const std::string& text) {
  constexpr std::size_t kMost = 200;
  std::string clean;
  for (const char c : text.substr(0, kMost)) clean += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return clean;
}

}  // namespace

Version read_version(const std::string& text) {
  Version version;
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, version.year);
  if (error != std::errc() || dot == end || *dot != '.') return {};
  if (std::from_chars(dot + 1, end, version.month).ec != std::errc()) return {};
  return version;
}

void Conversation::open(runtime::Now now) {
  open_.clear();
  replies_.clear();
  trouble_.clear();
  refused_ = false;
  last_id_ = 0;
  state_ = State::opening;
  ready_by_ = now.steady + kReadyWithin;
  connection_ = socket_.connect();
}

void Conversation::close() {
  if (state_ == State::opening || state_ == State::ready) socket_.close();
  state_ = State::closed;
  open_.clear();
  ready_by_ = runtime::kNever;
}

void Conversation::fail(std::string why) {
  socket_.close();
  trouble_ = std::move(why);
  state_ = State::failed;
  open_.clear();
  ready_by_ = runtime::kNever;
}

void Conversation::on_event(const SocketEvent& event, runtime::Now now) {
  if (event.connection != connection_ || state_ == State::closed || state_ == State::failed) return;
  if (const auto* closed = std::get_if<Closed>(&event.what)) return fail(closed->reason);
  if (const auto* text = std::get_if<Text>(&event.what)) on_text(text->text, now);
}

void Conversation::on_text(const std::string& text, runtime::Now now) {
  static_cast<void>(now);
  const auto parsed = json::parse(text, kLimits);
  if (!parsed) return fail("Home Assistant's answer cannot be read: " + parsed.error());
  const json::Value& message = parsed.value();
  const std::string type = text_of(message, "type");
  if (type == "result") return on_result(message);
  if (state_ != State::opening) return;
  if (const std::string told = text_of(message, "ha_version"); !told.empty()) version_ = quoted(told);
  if (type == "auth_required") {
    socket_.send(json::to_text(json::Object{{"type", "auth"}, {"access_token", token_}}));
  } else if (type == "auth_ok") {
    state_ = State::ready;
    ready_by_ = runtime::kNever;
  } else if (type == "auth_invalid") {
    refused_ = true;
    fail("Home Assistant refuses the token (" + quoted(text_of(message, "message")) +
         "): make a long-lived access token in the profile of an administrator, and put it where [statistics] says");
  } else {
    fail("what answers is not Home Assistant's WebSocket API");
  }
}

void Conversation::on_result(const json::Value& message) {
  const json::Value* id = message.find("id");
  if (id == nullptr || id->as_integer() == nullptr || open_.erase(*id->as_integer()) == 0) return;
  Reply reply;
  reply.id = *id->as_integer();
  const json::Value* success = message.find("success");
  reply.ok = success != nullptr && success->as_bool() != nullptr && *success->as_bool();
  if (const json::Value* result = message.find("result")) reply.result = *result;
  if (const json::Value* error = message.find("error"); !reply.ok && error != nullptr) {
    reply.code = quoted(text_of(*error, "code"));
    reply.error = quoted(text_of(*error, "message"));
  }
  replies_.push_back(std::move(reply));
}

void Conversation::on_time(runtime::Now now) {
  if (state_ == State::opening && now.steady >= ready_by_) {
    return fail(runtime::concat("Home Assistant does not answer within ", kReadyWithin.count(), " s"));
  }
  for (const auto& [id, by] : open_) {
    if (now.steady < by) continue;
    return fail(runtime::concat("Home Assistant leaves a command unanswered for ", kAnsweredWithin.count(), " s"));
  }
}

runtime::SteadyTime Conversation::next_deadline() const {
  runtime::SteadyTime next = ready_by_;
  for (const auto& [id, by] : open_) next = std::min(next, by);
  return next;
}

std::int64_t Conversation::ask(json::Object command, runtime::Now now) {
  const std::int64_t id = ++last_id_;
  command.insert(command.begin(), {"id", id});
  open_[id] = now.steady + kAnsweredWithin;
  socket_.send(json::to_text(std::move(command)));
  return id;
}

std::vector<Reply> Conversation::take_replies() {
  return std::exchange(replies_, {});
}

}  // namespace emporia::recorder
