#pragma once

#include <chrono>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "homeassistant/announcer.hpp"
#include "json/value.hpp"
#include "runtime/text.hpp"
#include "support/golden.hpp"

namespace emporia::homeassistant {

/// Long because it is one small language for stories, and reading them wants it in one place.
///
/// Plays an announcer against a fake clock and writes down, line by line, what was done and what came of it. Objects
/// are written without "emporia_", components by their middle: "4" is sensor_4_power; "-4" is its tombstone.
class AnnouncerStory {
 public:
  /// Does something at a time in seconds since the start, or since the last answer to a birth, after everything that
  /// was due before.
  AnnouncerStory& at(double seconds) {
    run_until(origin_ + milliseconds(seconds));
    return *this;
  }
  void link_up() { note("link up"), announcer.link_up(now_); }
  void link_down() { note("link down"), delivering_ = false, announcer.link_down(); }
  void link_back() { note("link up"), delivering_ = true, announcer.link_up(now_); }
  void born() {
    note("born");
    born_at_ = now_.steady;
    announcer.born(now_);
    show_lingering();
  }
  void left() { note("left"), announcer.left(); }
  /// "P \"Panel\" mains 4 5": one device, more separated by '|'.
  void want(const std::string& text) {
    note("want " + text);
    std::vector<Discovery> family;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, '|');) family.push_back(device(part));
    announcer.want(family, now_);
    show_lingering();
  }
  void remove(const std::string& object) {
    note("remove " + object);
    announcer.remove("emporia_" + object, now_);
  }
  void found(const std::string& text) {
    note("found " + text);
    const Discovery standing = device(text);
    announcer.found(standing.topic, standing.payload(), now_);
    show_lingering();
  }
  void emptied(const std::string& object) {
    note("emptied " + object);
    announcer.found(topics_.discovery("emporia_" + object), "", now_);
  }
  void leftovers() {
    std::string line = "leftovers:";
    for (const std::string& object : announcer.leftovers()) line += " " + object.substr(8);
    note(line);
  }
  /// The broker sends everything that was published back to us.
  void echo() {
    note("echoes");
    for (const Step& step : unechoed_) announcer.found(step.topic, step.payload, now_);
    unechoed_.clear();
  }
  /// What is announced from the text of the story.
  Discovery device(const std::string& text) const {
    std::istringstream words(text);
    Discovery result;
    std::string word;
    words >> word;
    result.object = "emporia_" + word;
    result.topic = topics_.discovery(result.object);
    std::string name = word;
    while (words >> word) {
      if (word.front() == '"') {
        name = word.substr(1, word.size() - 2);
      } else {
        const bool gone = word.front() == '-';
        const std::string middle = word.substr(gone ? 1 : 0);
        json::Object component{{"platform", "sensor"}};
        if (!gone) component.emplace_back("unique_id", "emporia_" + middle + "_power");
        result.components.emplace("sensor_" + middle + "_power", std::move(component));
      }
    }
    result.head = {{"device", json::Object{{"identifiers", json::Array{result.object}}, {"name", name}}},
                   {"origin", json::Object{{"name", "emporia2mqtt"}}},
                   {"availability", json::Array{json::Object{{"topic", "emporia/bridge/state"}}}},
                   {"availability_mode", "all"}};
    return result;
  }
  /// Compares with tests/golden/announcer_<name>.txt.
  void check(const std::string& name, double until = 1000) {
    run_until(origin_ + milliseconds(until));
    support::check_golden("announcer_" + name, transcript_);
    CHECK(announcer.next_deadline() == runtime::kNever);
  }
  const std::string& transcript() const { return transcript_; }

  Announcer announcer{mqtt::TopicTree("emporia", "homeassistant"), "emporia2mqtt", 7};

 private:
  static std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<long>(seconds * 1000 + 0.5));
  }

  void run_until(runtime::SteadyTime end) {
    for (int turns = 0;; ++turns) {
      REQUIRE(turns < 1000);
      // One turn of the loop now, and one at each deadline.
      for (const Step& step : announcer.on_time(now_, [this](const std::string&) { return delivering_; })) took(step);
      const auto next = announcer.next_deadline();
      if (next > end) break;
      REQUIRE(next > now_.steady);
      now_.steady = next;
    }
    now_.steady = std::max(now_.steady, end);
  }

  void took(const Step& step) {
    if (step.again && born_at_ != runtime::kNever) {
      const auto delay = now_.steady - born_at_;
      CHECK(delay >= std::chrono::seconds{1});
      CHECK(delay <= std::chrono::seconds{3});
      transcript_ += "1 to 3 s later, counted from here:\n";
      origin_ = now_.steady;
      born_at_ = runtime::kNever;
    }
    const auto last = said_at_.find(step.topic);
    if (last != said_at_.end() && step.kind != Step::Kind::keep_deleted)
      CHECK(now_.steady - last->second >= Announcer::kPause);
    said_at_[step.topic] = now_.steady;
    unechoed_.push_back(step);
    static const char* const kKinds[] = {"announce", "bury", "withdraw", "keep deleted"};
    std::string line = runtime::concat("  ", kKinds[static_cast<int>(step.kind)], " ", step.object.substr(8));
    if (step.payload.empty()) {
      note(line);
    } else {
      note(line + components(step.payload));
    }
    show_lingering();
  }

  static std::string components(const std::string& payload) {
    const auto parsed = json::parse(payload);
    REQUIRE(parsed.ok());
    std::string text = " \"" + *parsed.value().find("device")->find("name")->as_string() + "\"";
    for (const auto& [key, component] : *parsed.value().find("components")->as_object()) {
      const std::string middle = key.substr(7, key.size() - 7 - 6);
      text += (component.as_object()->size() == 1 ? " -" : " ") + middle;
    }
    return text;
  }

  void show_lingering() {
    std::string line;
    for (const model::Channel channel : announcer.lingering("emporia_P")) line += runtime::concat(" ", channel);
    if (line != lingering_) note("  state keeps:" + (line.empty() ? " nothing" : line));
    lingering_ = line;
  }

  void note(const std::string& line) {
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(now_.steady - origin_).count() / 100;
    transcript_ += runtime::concat(tenths / 10, ".", tenths % 10, " ", line, "\n");
  }

  mqtt::TopicTree topics_{"emporia", "homeassistant"};
  runtime::Now now_{runtime::SteadyTime{} + std::chrono::hours{1}, {}};
  runtime::SteadyTime origin_ = now_.steady;
  runtime::SteadyTime born_at_ = runtime::kNever;
  bool delivering_ = true;
  std::map<std::string, runtime::SteadyTime> said_at_;
  std::vector<Step> unechoed_;
  std::string lingering_;
  std::string transcript_;
};

}  // namespace emporia::homeassistant
