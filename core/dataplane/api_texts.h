// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

/// Envoy's v3 API (of 1.40), as far as a bootstrap for this gateway can reach: what its .proto files state
/// about fields, in the notation that ApiSchema reads.
///
/// A message's name stands by itself, its fields below it: name, type, rules. `[]` before a type is a list,
/// `{}` a map with names, `?` behind it a wrapper (null is as good as absent in both). `message` is one that
/// is not looked into, since the field is refused or changes nothing. Rules are limits of a value (`>0s`,
/// `<=100`), of a text's characters or bytes, of a list's items; `required`; `defined` (a number must be one
/// of the enumeration's); `not=0`; `header-name`, `header-value`, both also `-strict`; `pattern=`, `one-of=`;
/// `/choice`, of whose fields one may be set, or `/choice!`, of whose fields one must be set. An enumeration
/// lists its values, each one more than the one before it or what stands behind `=`.
namespace sallyport::dataplane {

extern const std::string_view adminApi;
extern const std::string_view bootstrapApi;
extern const std::string_view clusterApi;
extern const std::string_view coreApi;
extern const std::string_view healthCheckApi;
extern const std::string_view httpFiltersApi;
extern const std::string_view listenerApi;
extern const std::string_view routeApi;
extern const std::string_view tlsApi;
extern const std::string_view tracingApi;

} // namespace sallyport::dataplane
