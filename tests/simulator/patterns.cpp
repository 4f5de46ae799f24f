#include "simulator/patterns.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace simulator {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9E3779B97F4A7C15ULL ^ (b + 0xD1B54A32D192ED03ULL);
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
  return x ^ x >> 31;
}

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = text.size();
  for (const char c : text) hash = mix(hash, static_cast<unsigned char>(c));
  return hash;
}

double chance(std::uint64_t key, std::uint64_t use) {
  return static_cast<double>(mix(key, use) >> 11) * 0x1.0p-53;
}

double watt_hours(Energy energy) {
  return static_cast<double>(energy) / (60.0 * kPerWattMinute);
}

Energy split_evenly(double microwatt_minutes) {
  return static_cast<Energy>(std::llround(microwatt_minutes / kSplit)) * kSplit;
}

void HourPlan::add_burst(int start, int minutes, double watts) {
  start = std::clamp(start, 0, 59);
  minutes = std::min(minutes, 60 - start);
  if (minutes <= 0 || bursts == static_cast<int>(burst.size())) return;
  burst[static_cast<std::size_t>(bursts++)] = {start, minutes, split_evenly(watts * kPerWattMinute)};
}

Energy HourPlan::total() const {
  Energy sum = 60 * level + 3600 * half_step;
  for (int i = 0; i < bursts; ++i) {
    const Burst& one = burst[static_cast<std::size_t>(i)];
    sum += one.minutes * one.level;
  }
  return sum;
}

void HourPlan::minutes(MinuteRow& row) const {
  for (std::size_t m = 0; m < 60; ++m) row[m] = level + half_step * static_cast<Energy>(2 * m + 1);
  if (noise > 0) {
    // What one minute has too much, the one half an hour later has too little.
    for (std::size_t m = 0; m < 30; ++m) {
      const Energy shift =
          static_cast<Energy>((chance(noise_key, m) * 2 - 1) * static_cast<double>(noise) / kSplit) * kSplit;
      row[m] += shift;
      row[m + 30] -= shift;
    }
  }
  for (int i = 0; i < bursts; ++i) {
    const Burst& one = burst[static_cast<std::size_t>(i)];
    for (int m = one.start; m < one.start + one.minutes; ++m) row[static_cast<std::size_t>(m)] += one.level;
  }
}

namespace {

Energy level_of(double watts) {
  return split_evenly(watts * kPerWattMinute);
}

std::uint64_t hour_key(const Moment& at) {
  return mix(at.key, static_cast<std::uint64_t>(at.hour));
}
std::uint64_t day_key(const Moment& at) {
  return mix(at.key ^ 0xDA1, static_cast<std::uint64_t>(at.local_day));
}

int number(std::uint64_t key, std::uint64_t use, int least, int most) {
  return least + static_cast<int>(chance(key, use) * (most - least + 1));
}

// 1 in the deepest winter of the place, -1 in high summer.
double coldness(const Moment& at) {
  const double year = std::fmod(static_cast<double>(at.local_day) - 14.0, 365.2425) / 365.2425;
  const double north = std::cos(2 * std::numbers::pi * year);
  return at.latitude < 0 ? -north : north;
}

void steady(const Moment& at, HourPlan& plan, double watts, double noise) {
  plan.level = level_of(watts);
  plan.noise_key = hour_key(at);
  plan.noise = static_cast<Energy>(static_cast<double>(plan.level) * noise);
}

void always_on(const Moment& at, HourPlan& plan) {
  steady(at, plan, at.power_w * (0.97 + 0.06 * chance(day_key(at), 1)), 0.03);
}

// Nothing, but one minute in two hundred hours: crosstalk of the neighbour.
void unused(const Moment& at, HourPlan& plan) {
  const auto key = hour_key(at);
  if (at.power_w > 0 && chance(key, 1) < 0.005) plan.add_burst(number(key, 2, 0, 59), 1, at.power_w);
}

void standby(const Moment& at, HourPlan& plan) {
  steady(at, plan, at.power_w, 0.1);
}

// A day's rhythm of what stays on: least before dawn, most in the evening.
double rhythm(int hour) {
  static constexpr std::array<double, 24> kShape = {0.62, 0.58, 0.55, 0.54, 0.55, 0.62, 0.85, 1.05,
                                                    1.05, 0.95, 0.90, 0.92, 0.98, 0.95, 0.92, 0.95,
                                                    1.10, 1.35, 1.55, 1.60, 1.50, 1.30, 1.00, 0.77};
  return kShape[static_cast<std::size_t>(hour)];
}

void rest(const Moment& at, HourPlan& plan) {
  steady(at, plan, at.power_w * rhythm(at.local_hour), 0.25);
}

void electronics(const Moment& at, HourPlan& plan) {
  const double busy = rhythm(at.local_hour) * (0.8 + 0.4 * chance(hour_key(at), 1));
  steady(at, plan, at.power_w * (0.6 + 0.4 * busy), 0.08);
}

void office(const Moment& at, HourPlan& plan) {
  const auto weekday = ((at.local_day + 4) % 7 + 7) % 7;
  const bool open = weekday >= 1 && weekday <= 5 && at.local_hour >= 8 && at.local_hour < 18;
  steady(at, plan, at.power_w * (open ? 0.85 + 0.15 * chance(hour_key(at), 1) : 0.22), 0.06);
}

void lights(const Moment& at, HourPlan& plan) {
  const bool dark = at.local_hour >= 17 || at.local_hour < 8;
  const auto key = hour_key(at);
  const bool awake = at.local_hour >= 6 && at.local_hour <= 23;
  if (!awake || chance(key, 1) < (dark ? 0.15 : 0.8)) return;
  plan.add_burst(number(key, 2, 0, 20), number(key, 3, 15, 60), at.power_w * (0.3 + 0.7 * chance(key, 4)));
}

// Equal runs spread over the hour; `duty` of the time.
void cycles(const Moment& at, HourPlan& plan, double duty, int runs, double idle_w) {
  steady(at, plan, idle_w, 0.1);
  const auto key = hour_key(at);
  const int slot = 60 / runs;
  for (int i = 0; i < runs; ++i) {
    const auto use = static_cast<std::uint64_t>(10 * i);
    const int length = std::min(slot, static_cast<int>(std::lround(slot * duty * (0.7 + 0.6 * chance(key, use + 1)))));
    plan.add_burst(i * slot + number(key, use + 2, 0, slot - length), length,
                   at.power_w * (0.95 + 0.1 * chance(key, use + 3)));
  }
}

void fridge(const Moment& at, HourPlan& plan) {
  cycles(at, plan, 0.36, 2, 2.5);
}
void compressor(const Moment& at, HourPlan& plan) {
  cycles(at, plan, 0.05 + 0.35 * chance(day_key(at), 1) * rhythm(at.local_hour) / 1.6, 3, 4);
}

// A fan all the time, a low stage, and the high stage when it is cold.
void heat_pump(const Moment& at, HourPlan& plan) {
  const double cold = std::clamp(0.5 + 0.5 * coldness(at) + 0.3 * (chance(day_key(at), 1) - 0.5), 0.0, 1.0);
  const auto key = hour_key(at);
  steady(at, plan, at.power_w * 0.05, 0.04);
  if (chance(key, 1) > 0.25 + 0.75 * cold) return;
  const int low = number(key, 2, 15, 30 + static_cast<int>(25 * cold));
  plan.add_burst(number(key, 3, 0, 60 - low), low, at.power_w * 0.25);
  if (chance(key, 4) < cold * 0.8) {
    plan.add_burst(number(key, 5, 0, 30), number(key, 6, 6, 22), at.power_w * (0.6 + 0.1 * chance(key, 7)));
  }
}

void air_conditioner(const Moment& at, HourPlan& plan) {
  const double warm = -coldness(at) - 0.2;
  if (warm <= 0) return;
  const double afternoon = std::max(0.0, std::sin(std::numbers::pi * (at.local_hour - 8) / 14.0));
  cycles(at, plan, std::min(0.9, warm * (0.15 + 0.75 * afternoon)), 2, at.power_w * 0.01);
}

void water_heater(const Moment& at, HourPlan& plan) {
  const auto key = hour_key(at);
  const bool busy = (at.local_hour >= 6 && at.local_hour <= 9) || (at.local_hour >= 18 && at.local_hour <= 22);
  if (chance(key, 1) > (busy ? 0.75 : 0.28)) return;
  plan.add_burst(number(key, 2, 0, 40), busy ? number(key, 3, 10, 40) : number(key, 3, 5, 12),
                 at.power_w * (0.98 + 0.04 * chance(key, 4)));
}

// Runs of a machine that some days begins at an hour of its own and lasts `minutes`.
bool todays_run(const Moment& at, double days, int first_hour, int last_hour, int minutes, int& from, int& to) {
  const auto key = day_key(at);
  if (chance(key, 1) > days) return false;
  const int begin = number(key, 2, first_hour * 60, last_hour * 60) - at.local_hour * 60;
  from = std::clamp(begin, 0, 60);
  to = std::clamp(begin + minutes, 0, 60);
  return from < to;
}

void dryer(const Moment& at, HourPlan& plan) {
  int from = 0;
  int to = 0;
  plan.level = level_of(2);
  if (!todays_run(at, 0.45, 9, 20, 45, from, to)) return;
  for (int m = from; m < to; m += 9) plan.add_burst(m, std::min(6, to - m), at.power_w);
  plan.add_burst(from, to - from, at.power_w * 0.05);
}

void washer(const Moment& at, HourPlan& plan) {
  int from = 0;
  int to = 0;
  plan.level = level_of(1);
  if (todays_run(at, 0.45, 8, 19, 55, from, to)) plan.add_burst(from, to - from, at.power_w * 0.5);
}

void dishwasher(const Moment& at, HourPlan& plan) {
  int from = 0;
  int to = 0;
  if (!todays_run(at, 0.7, 18, 22, 80, from, to)) return;
  plan.add_burst(from, std::min(20, to - from), at.power_w);
  plan.add_burst(from, to - from, at.power_w * 0.06);
}

void oven(const Moment& at, HourPlan& plan) {
  int from = 0;
  int to = 0;
  if (todays_run(at, 0.5, 17, 19, 35, from, to)) plan.add_burst(from, to - from, at.power_w * 0.7);
}

// Bursts of one or two minutes that fill only a part of each.
void pump(const Moment& at, HourPlan& plan) {
  const auto key = hour_key(at);
  plan.level = level_of(2);
  const int runs = number(key, 1, 0, at.local_hour >= 6 && at.local_hour <= 22 ? 5 : 1);
  for (int i = 0; i < runs; ++i) {
    const auto use = static_cast<std::uint64_t>(10 + 5 * i);
    plan.add_burst(number(key, use, 0, 58), number(key, use + 1, 1, 2),
                   at.power_w * (0.02 + 0.12 * chance(key, use + 2)));
  }
}

void kitchen(const Moment& at, HourPlan& plan) {
  const auto key = hour_key(at);
  steady(at, plan, at.power_w * 0.005, 0.2);
  const bool meal = at.local_hour == 7 || at.local_hour == 8 || at.local_hour == 12 || at.local_hour == 18;
  const int runs = number(key, 1, 0, meal ? 4 : at.local_hour < 6 ? 0 : 1);
  for (int i = 0; i < runs; ++i) {
    const auto use = static_cast<std::uint64_t>(10 + 5 * i);
    plan.add_burst(number(key, use, 0, 57), number(key, use + 1, 1, 3),
                   at.power_w * (0.55 + 0.4 * chance(key, use + 2)));
  }
}

// A bell by the height of the sun over a clear day, dimmed by the day's and the hour's clouds.
void solar(const Moment& at, HourPlan& plan) {
  const double tilt =
      -0.4091 * std::cos(2 * std::numbers::pi * std::fmod(static_cast<double>(at.local_day) + 10, 365.2425) / 365.2425);
  const double latitude = (at.latitude == 0 ? 40.0 : at.latitude) * std::numbers::pi / 180;
  const auto clear = [&](double hour) {
    const double angle = (hour - 12.5) * std::numbers::pi / 12;
    return std::max(0.0, std::sin(latitude) * std::sin(tilt) + std::cos(latitude) * std::cos(tilt) * std::cos(angle));
  };
  const auto sky = [&](Seconds hour) {
    return (0.35 + 0.65 * chance(day_key(at), 1)) * (0.75 + 0.25 * chance(at.key, static_cast<std::uint64_t>(hour)));
  };
  const double begin = at.power_w * clear(at.local_hour) * sky(at.hour);
  const double end = at.power_w * clear(at.local_hour + 1) * sky(at.hour + 1);
  if (begin <= 0 && end <= 0) {
    // The clamps' noise at night.
    plan.add_burst(number(hour_key(at), 1, 0, 59), 3, 2.5 * chance(hour_key(at), 2));
    return;
  }
  plan.level = level_of(begin);
  plan.half_step = split_evenly((end - begin) * kPerWattMinute / 120);
  plan.noise_key = hour_key(at);
  plan.noise = static_cast<Energy>(0.2 * std::min(begin, end) * kPerWattMinute);
}

// How a car charged before the simulator started: most nights, for a few hours.
void car(const Moment& at, HourPlan& plan) {
  plan.level = level_of(3);
  int from = 0;
  int to = 0;
  if (todays_run(at, 0.6, 18, 19, 190, from, to)) plan.add_burst(from, to - from, at.power_w);
}

// How a battery went through a day before the simulator started: in by day, out in the evening.
void battery_day(const Moment& at, HourPlan& plan) {
  if (at.local_hour >= 10 && at.local_hour < 14) plan.level = level_of(at.power_w * 0.4);
  if (at.local_hour >= 18 && at.local_hour < 22) plan.level = level_of(-at.power_w * 0.36);
}

}  // namespace

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> table = {
      {"unused", 0, unused, false, "a clamp on nothing: exactly 0; with power_w a rare minute of crosstalk"},
      {"always_on", 60, always_on, false, "constant within 3 %"},
      {"standby", 6, standby, false, "a few watts"},
      {"rest", 120, rest, false, "a household's daily rhythm"},
      {"electronics", 115, electronics, false, "never off, more in the evening"},
      {"office", 800, office, false, "Monday to Friday, 8 to 18"},
      {"lights", 180, lights, false, "dark hours"},
      {"fridge", 130, fridge, false, "two compressor runs an hour"},
      {"compressor", 1200, compressor, false, "three runs an hour, 5 to 40 % of the time"},
      {"heat_pump", 4000, heat_pump, false, "fan, low and high stage; more in winter"},
      {"air_conditioner", 3200, air_conditioner, false, "summer afternoons"},
      {"water_heater", 4500, water_heater, false, "full power for 5 to 40 minutes"},
      {"dryer", 5000, dryer, false, "cycles through 45 minutes, some days"},
      {"washer", 500, washer, false, "55 minutes, some days"},
      {"dishwasher", 1200, dishwasher, false, "evenings"},
      {"oven", 2400, oven, false, "some evenings"},
      {"pump", 1400, pump, false, "bursts shorter than a minute or two"},
      {"kitchen", 1700, kitchen, false, "standby, kettle and microwave"},
      {"solar", 6000, solar, true, "generation: a bell by latitude and season, with clouds"},
      {"ev", 7680, car, false, "evenings; for a charger that is not a device of its own"},
      {"battery_day", 5000, battery_day, false, "in by day, out in the evening: flows both ways"},
  };
  return table;
}

const Pattern* find_pattern(std::string_view name) {
  for (const Pattern& pattern : patterns()) {
    if (pattern.name == name) return &pattern;
  }
  return nullptr;
}

}  // namespace simulator
