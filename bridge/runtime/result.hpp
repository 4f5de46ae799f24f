#pragma once

#include <utility>
#include <variant>

namespace emporia::runtime {

/// The failure half of a Result, so that a Result<T, T> stays unambiguous: `return Failure{error};`.
template <typename E>
struct Failure {
  E error;
};
template <typename E>
Failure(E) -> Failure<E>;

/// A value or the reason why there is none. For failures that are expected; exceptions are for start-up.
/// value() and error() may only be asked for what is there: asking for the other throws std::bad_variant_access.
template <typename T, typename E>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure<E> failure) : content_(std::in_place_index<1>, std::move(failure.error)) {}

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& { return std::get<0>(content_); }
  T& value() & { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  const E& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, E> content_;
};

/// The Result of something that has nothing to hand back.
struct Done {};

}  // namespace emporia::runtime
