// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever text a configuration is: reading it ends, what YAML becomes is JSON, and what was read is read
// again as the same.
#include "core/dataplane/bootstrap.h"
#include "core/dataplane/configuration_text.h"
#include "core/dataplane/json_text.h"
#include "tests/fuzz/fuzz_input.h"

#include <QJsonDocument>

using namespace sallyport;
using namespace sallyport::dataplane;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    FuzzInput input(data, size);
    const TextForm form = input.byte() == 'y' ? TextForm::Yaml : TextForm::Json;
    const std::string_view rest = input.rest();
    const QByteArray text(rest.data(), static_cast<qsizetype>(rest.size()));
    const Result<QByteArray> json = jsonText(text, form, "fuzz");
    if (!json) {
        check(!json.error().what.empty());
        return 0;
    }
    const Result<JsonText> read = readJsonText(*json);
    if (!read) {
        check(!read.error().what.empty());
        return 0;
    }
    const Result<JsonText> again = readJsonText(QJsonDocument(read->object).toJson(QJsonDocument::Compact));
    check(again && again->object == read->object);
    static_cast<void>(decodeSecretFile(*json));
    return 0;
}
