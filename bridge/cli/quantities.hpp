#pragma once

#include <optional>
#include <string>

#include "json/value.hpp"

namespace emporia::cli {

/// With so many decimals; "?" for what no home can have.
std::string number_text(double number, int decimals);

/// Numbers as people read them; "-" for what is not known.
std::string watts(std::optional<double> power_w);
/// Three decimals while they fit into thirteen columns.
std::string kilowatt_hours(std::optional<double> energy_kwh);
std::string whole(std::optional<double> number, const char* unit);

/// "+1.2/-0.3 kWh": what went in and what came out.
std::string both_ways(std::optional<double> in_kwh, std::optional<double> out_kwh);

/// "[######----]": a share of a hundred.
std::string bar(std::optional<double> percent);

}  // namespace emporia::cli
