// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_message.h"

#include "core/dataplane/json_archive.h"

#include <QJsonArray>

#include <map>

namespace sallyport::dataplane {

namespace {

constexpr int MostDepth = 100;

/// Operators by the names of their functions.
const std::map<std::string, std::string> &operators()
{
    static const std::map<std::string, std::string> table{
        {"_&&_", "&&"}, {"_||_", "||"}, {"_==_", "=="}, {"_!=_", "!="}, {"_<_", "<"}, {"_<=_", "<="},
        {"_>_", ">"},   {"_>=_", ">="}, {"_+_", "+"},   {"_-_", "-"},   {"_*_", "*"}, {"_/_", "/"},
        {"_%_", "%"},   {"@in", "in"},  {"_in_", "in"}, {"!_", "!"},    {"-_", "-"}};
    return table;
}

std::string quoted(const std::string &text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else
            out += c;
    }
    return out + '"';
}

/// Walks the tree; the text is parsed again by whoever wants it, so that there is one parser only.
class Writer
{
public:
    Result<std::string> write(const QJsonObject &expr)
    {
        if (++m_depth > MostDepth)
            return fail("the condition is nested too deeply");
        Result<std::string> text = writeOne(expr);
        --m_depth;
        return text;
    }

private:
    static QJsonValue field(const QJsonObject &object, const char *snake, const char *camel)
    {
        const QJsonValue value = object.value(QLatin1String(snake));
        return value.isUndefined() ? object.value(QLatin1String(camel)) : value;
    }

    Result<std::string> writeOne(const QJsonObject &expr)
    {
        if (const QJsonValue constant = field(expr, "const_expr", "constExpr"); constant.isObject())
            return writeConstant(constant.toObject());
        if (const QJsonValue name = field(expr, "ident_expr", "identExpr"); name.isObject())
            return fromQt(name.toObject().value(QLatin1String("name")).toString());
        if (const QJsonValue select = field(expr, "select_expr", "selectExpr"); select.isObject())
            return writeSelect(select.toObject());
        if (const QJsonValue call = field(expr, "call_expr", "callExpr"); call.isObject())
            return writeCall(call.toObject());
        if (const QJsonValue list = field(expr, "list_expr", "listExpr"); list.isObject()) {
            Result<std::string> items = writeList(list.toObject().value(QLatin1String("elements")).toArray());
            if (!items)
                return items;
            return '[' + *items + ']';
        }
        return fail("this kind of expression is not supported by this gateway");
    }

    Result<std::string> writeConstant(const QJsonObject &constant)
    {
        const auto text = [](const QJsonValue &value) {
            return value.isString() ? fromQt(value.toString())
                                    : QString::number(value.toDouble(), 'g', 17).toStdString();
        };
        if (const QJsonValue value = field(constant, "string_value", "stringValue"); !value.isUndefined())
            return quoted(fromQt(value.toString()));
        if (const QJsonValue value = field(constant, "bool_value", "boolValue"); !value.isUndefined())
            return std::string(value.toBool() ? "true" : "false");
        if (const QJsonValue value = field(constant, "int64_value", "int64Value"); !value.isUndefined())
            return '(' + text(value) + ')';
        if (const QJsonValue value = field(constant, "uint64_value", "uint64Value"); !value.isUndefined())
            return text(value) + 'u';
        if (const QJsonValue value = field(constant, "double_value", "doubleValue"); !value.isUndefined())
            return "double(" + text(value) + ')';
        return fail("this kind of constant is not supported by this gateway");
    }

    Result<std::string> writeSelect(const QJsonObject &select)
    {
        Result<std::string> operand = write(select.value(QLatin1String("operand")).toObject());
        if (!operand)
            return operand;
        const std::string text = *operand + '.' + fromQt(select.value(QLatin1String("field")).toString());
        const bool test = field(select, "test_only", "testOnly").toBool();
        return test ? "has(" + text + ')' : text;
    }

    Result<std::string> writeList(const QJsonArray &elements)
    {
        std::string text;
        for (const QJsonValue &element : elements) {
            Result<std::string> item = write(element.toObject());
            if (!item)
                return item;
            text += (text.empty() ? "" : ", ") + *item;
        }
        return text;
    }

    Result<std::string> writeCall(const QJsonObject &call)
    {
        const std::string function = fromQt(call.value(QLatin1String("function")).toString());
        std::vector<std::string> arguments;
        for (const QJsonValue &argument : call.value(QLatin1String("args")).toArray()) {
            Result<std::string> text = write(argument.toObject());
            if (!text)
                return text;
            arguments.push_back(*std::move(text));
        }
        if (function == "_[_]" && arguments.size() == 2)
            return arguments[0] + '[' + arguments[1] + ']';
        if (function == "_?_:_" && arguments.size() == 3)
            return '(' + arguments[0] + " ? " + arguments[1] + " : " + arguments[2] + ')';
        if (const auto found = operators().find(function); found != operators().end()) {
            if (arguments.size() == 1)
                return '(' + found->second + arguments[0] + ')';
            if (arguments.size() == 2)
                return '(' + arguments[0] + ' ' + found->second + ' ' + arguments[1] + ')';
        }
        std::string text;
        if (const QJsonValue target = call.value(QLatin1String("target")); target.isObject()) {
            Result<std::string> on = write(target.toObject());
            if (!on)
                return on;
            text = *on + '.';
        }
        text += function + '(';
        for (std::size_t i = 0; i < arguments.size(); ++i)
            text += (i == 0 ? "" : ", ") + arguments[i];
        return text + ')';
    }

    int m_depth = 0;
};

} // namespace

Result<std::string> celText(const QJsonObject &message)
{
    return Writer().write(message);
}

Result<CelExpression> conditionOf(const QJsonObject &message)
{
    const Result<std::string> text = celText(message);
    if (!text)
        return fail(text.error());
    return CelExpression::parse(*text);
}

} // namespace sallyport::dataplane
