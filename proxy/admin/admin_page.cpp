// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/admin_page.h"

#include <QString>

namespace sallyport::admin {

namespace {

std::string escaped(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toHtmlEscaped().toStdString();
}

} // namespace

std::string page(std::string_view title, const std::string &body, bool reloads)
{
    std::string text = "<!DOCTYPE html>\n<html lang='en'>\n<head>\n  <meta charset='utf-8'>\n";
    if (reloads)
        text += "  <meta http-equiv='refresh' content='5'>\n";
    text += "  <title>Sallyport gateway: " + escaped(title) +
            "</title>\n  <style>body { font-family: sans-serif } td { padding: 4px } "
            "form { margin: 0 }</style>\n</head>\n<body>\n" +
            body + "</body>\n</html>\n";
    return text;
}

std::string preformatted(std::string_view text)
{
    return "<pre>\n" + escaped(text) + "</pre>\n";
}

AdminAnswer homeEndpoint(const AdminRequest &, ServerState &)
{
    std::string table = "<table>\n<thead><tr><th>Command</th><th>Description</th></tr></thead>\n";
    for (const AdminEndpoint &endpoint : adminEndpoints()) {
        if (endpoint.path == "/")
            continue;
        const std::string path = escaped(endpoint.path.substr(1));
        table += "<tr><td>" +
                 (endpoint.mutates
                      ? "<form action='" + path + "' method='post'><button>" + path + "</button></form>"
                      : "<a href='" + path + "'>" + path + "</a>") +
                 "</td><td>" + escaped(endpoint.help) + "</td></tr>\n";
    }
    return {200, page("admin", table + "</table>\n"), pageContentType};
}

} // namespace sallyport::admin
