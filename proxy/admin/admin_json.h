// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/admin_endpoint.h"

#include <QJsonArray>
#include <QJsonObject>
#include <chrono>

namespace sallyport::admin {

AdminAnswer jsonAnswer(const QJsonObject &object);
/// `{"socket_address": {"address": …, "port_value": …}}`
QJsonObject addressJson(const net::Address &address);
/// RFC 3339 with milliseconds.
QString timeJson(std::chrono::system_clock::time_point time);

} // namespace sallyport::admin
