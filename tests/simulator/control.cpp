#include "simulator/control.hpp"

#include "simulator/control_words.hpp"

namespace simulator {
namespace {

const std::vector<const std::vector<Command>*>& tables() {
  static const std::vector<const std::vector<Command>*> all = {&report_commands(), &fault_commands(),
                                                               &device_commands()};
  return all;
}

std::string help() {
  std::string text = "help";
  for (const auto* table : tables()) {
    for (const Command& command : *table) {
      text += " | " + std::string(command.name);
      if (!command.arguments.empty()) text += " " + std::string(command.arguments);
      text += ": " + std::string(command.what);
    }
  }
  return text;
}

std::string run(World& world, const std::string& name, Words& words) {
  if (name == "help") return help();
  for (const auto* table : tables()) {
    for (const Command& command : *table) {
      if (command.name == name) return command.act(world, words);
    }
  }
  throw Refused{"no command '" + name + "'; try help"};
}

}  // namespace

std::string carry_out(World& world, std::string_view line) {
  Words words(line);
  try {
    const std::string name = words.next("a command");
    const std::lock_guard lock(world.mutex);
    world.advance();
    const std::string answer = run(world, name, words);
    world.changed.notify_all();
    return answer.empty() ? "ok" : "ok " + answer;
  } catch (const Refused& refused) {
    return "error " + refused.why;
  } catch (const std::exception& problem) {
    return std::string("error ") + problem.what();
  }
}

}  // namespace simulator
