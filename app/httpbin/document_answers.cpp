// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/endpoints.h"

#include <QBuffer>
#include <QByteArray>
#include <QFile>
#include <QImage>
#include <QImageWriter>

#include <algorithm>
#include <cstdlib>

namespace sallyport::httpbin {

namespace {

constexpr int pictureSize = 96;

/// A small picture with enough structure that a damaged byte shows.
QImage picture()
{
    QImage image(pictureSize, pictureSize, QImage::Format_RGB32);
    for (int y = 0; y < pictureSize; ++y) {
        for (int x = 0; x < pictureSize; ++x)
            image.setPixel(x, y, qRgb(x * 2, y * 2, (x ^ y) * 2));
    }
    return image;
}

Answer encodedPicture(const char *format, const char *contentType)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QImageWriter writer(&buffer, format);
    if (!writer.write(picture()))
        return errorAnswer(404);
    return documentAnswer(200, contentType, bytes.toStdString());
}

Answer vectorPicture()
{
    return documentAnswer(200, "image/svg+xml",
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"96\" height=\"96\">"
                          "<rect width=\"96\" height=\"96\" fill=\"#1f6feb\"/><circle cx=\"48\" cy=\"48\" "
                          "r=\"30\" fill=\"#fff\"/></svg>\n");
}

} // namespace

/// httpbin's own front page: whoever compares answers finds the same bytes.
Answer index(const Request &, const PathArguments &)
{
    static const std::string page = [] {
        QFile file(QStringLiteral(":/httpbin/index.html"));
        return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
    }();
    return documentAnswer(200, "text/html; charset=utf-8", page);
}

Answer html(const Request &, const PathArguments &)
{
    std::string body =
        "<!DOCTYPE html>\n<html>\n  <head>\n  </head>\n  <body>\n    <h1>The sally port</h1>\n    <div>\n";
    for (int i = 0; i < 12; ++i) {
        body += "      <p>A sally port is a small, guarded door in a fortress wall. Whoever leaves goes "
                "through it one by one, is seen "
                "by the guard, and comes back the same way; nothing else in the wall opens outwards.</p>\n";
    }
    return documentAnswer(200, "text/html; charset=utf-8", body + "    </div>\n  </body>\n</html>\n");
}

Answer json(const Request &, const PathArguments &)
{
    return documentAnswer(200, "application/json",
                          "{\n  \"slideshow\": {\n    \"author\": \"Sallyport\", \n    \"date\": \"date of "
                          "publication\", \n    \"slides\": [\n"
                          "      {\n        \"title\": \"Ways out of a mesh\", \n        \"type\": \"all\"\n "
                          "     }, \n      {\n"
                          "        \"items\": [\n          \"direct\", \n          \"through the egress "
                          "gateway\"\n        ], \n"
                          "        \"title\": \"Overview\", \n        \"type\": \"all\"\n      }\n    ], \n"
                          "    \"title\": \"Sample Slide Show\"\n  }\n}\n");
}

Answer xml(const Request &, const PathArguments &)
{
    return documentAnswer(
        200, "application/xml",
        "<?xml version='1.0' encoding='us-ascii'?>\n<slideshow title=\"Sample Slide Show\" "
        "author=\"Sallyport\">\n"
        "  <slide type=\"all\">\n    <title>Ways out of a mesh</title>\n    <item>direct</item>\n"
        "    <item>through the <em>egress</em> gateway</item>\n  </slide>\n</slideshow>\n");
}

Answer robots(const Request &, const PathArguments &)
{
    return documentAnswer(200, "text/plain", "User-agent: *\nDisallow: /deny\n");
}

Answer denied(const Request &, const PathArguments &)
{
    return documentAnswer(200, "text/plain", "You should not be here.\n");
}

Answer utf8(const Request &, const PathArguments &)
{
    return documentAnswer(200, "text/html; charset=utf-8",
                          "<h1>Ausfalltor · poterne · 小門 · потерна · ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋</h1>\n");
}

Answer links(const Request &, const PathArguments &arguments)
{
    const long count = std::clamp(std::strtol(arguments[0].c_str(), nullptr, 10), 1L, 200L);
    const long current = std::strtol(arguments[1].c_str(), nullptr, 10);
    std::string body = "<html><head><title>Links</title></head><body>";
    for (long i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        body += i == current
                    ? number + ' '
                    : "<a href='/links/" + std::to_string(count) + '/' + number + "'>" + number + "</a> ";
    }
    return documentAnswer(200, "text/html; charset=utf-8", body + "</body></html>");
}

Answer form(const Request &, const PathArguments &)
{
    return documentAnswer(200, "text/html; charset=utf-8",
                          "<!DOCTYPE html>\n<html>\n  <body>\n    <form method=\"post\" action=\"/post\">\n"
                          "      <p><label>Name: <input type=\"text\" name=\"name\"></label></p>\n      "
                          "<input type=\"submit\">\n"
                          "    </form>\n  </body>\n</html>\n");
}

Answer imageByAccept(const Request &request, const PathArguments &)
{
    const std::string accept = request.header("Accept");
    for (const char *type : {"webp", "svg", "jpeg", "png"}) {
        if (accept.find(std::string("image/") + type) != std::string::npos)
            return image(request, {type});
    }
    if (accept.find("image/*") != std::string::npos)
        return image(request, {"png"});
    Answer answer;
    answer.status = 406;
    answer.add("Content-Type", "application/json");
    answer.body = "{\"message\": \"Client did not request a supported media type.\", \"accept\": "
                  "[\"image/webp\", \"image/svg+xml\", "
                  "\"image/jpeg\", \"image/png\", \"image/*\"]}";
    return answer;
}

Answer image(const Request &, const PathArguments &arguments)
{
    const std::string &type = arguments.front();
    if (type == "png")
        return encodedPicture("png", "image/png");
    if (type == "jpeg")
        return encodedPicture("jpeg", "image/jpeg");
    if (type == "webp")
        return encodedPicture("webp", "image/webp");
    return type == "svg" ? vectorPicture() : errorAnswer(404);
}

} // namespace sallyport::httpbin
