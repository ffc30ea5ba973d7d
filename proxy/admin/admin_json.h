// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/admin_endpoint.h"

#include <QJsonArray>
#include <QJsonObject>
#include <chrono>

namespace sallyport::admin {

/// Written as protobuf writes messages: the fields in the order of their numbers. Of messages that say what
/// they are (`@type`) it is known; of others `order` says it, `message.field` for those of one message (named
/// for the field that holds it) alone; those that are not named follow by name.
AdminAnswer jsonAnswer(const QJsonObject &object, std::span<const char *const> order = {});
/// `{"socket_address": {"address": …, "port_value": …}}`
QJsonObject addressJson(const net::Address &address);
/// RFC 3339 with milliseconds.
QString timeJson(std::chrono::system_clock::time_point time);

} // namespace sallyport::admin
