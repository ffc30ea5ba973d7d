// SPDX-License-Identifier: GPL-3.0-or-later
// CEL's grammar (github.com/google/cel-spec, doc/langdef.md), as far as filters of access logs use it.
#include "core/dataplane/cel_parser.h"

#include "core/dataplane/cel_token.h"

#include <re2/re2.h>

#include <array>

namespace sallyport::dataplane {

namespace {

using Kind = CelNode::Kind;

constexpr int deepest = 100;
/// Operators of one level nest to the left, so an expression's length bounds its depth as well.
constexpr std::size_t longest = 2000;

CelNode::Ptr makeNode(Kind kind, std::vector<CelNode::Ptr> children)
{
    CelNode node;
    node.kind = kind;
    node.children = std::move(children);
    return std::make_shared<const CelNode>(std::move(node));
}

class Parser
{
public:
    explicit Parser(std::vector<CelToken> tokens)
        : m_tokens(std::move(tokens))
    {
    }

    Result<CelNode::Ptr> run()
    {
        Result<CelNode::Ptr> root = choice();
        if (root && token().kind != CelToken::Kind::End)
            return refuse("unexpected '" + token().text + '\'');
        return root;
    }

private:
    struct Binary
    {
        std::string_view symbol;
        Kind kind;
    };

    const CelToken &token() const { return m_tokens[m_at]; }
    bool isSymbol(std::string_view symbol) const
    {
        return token().kind == CelToken::Kind::Symbol && token().text == symbol;
    }
    bool isName(std::string_view name) const
    {
        return token().kind == CelToken::Kind::Name && token().text == name;
    }
    bool take(std::string_view symbol)
    {
        if (!isSymbol(symbol))
            return false;
        ++m_at;
        return true;
    }
    tl::unexpected<Error> refuse(const std::string &what) const
    {
        return fail("CEL: " + what + " at position " + std::to_string(token().at));
    }

    Result<CelNode::Ptr> choice()
    {
        if (++m_depth > deepest)
            return refuse("an expression that is nested too deeply");
        Result<CelNode::Ptr> condition = either();
        if (condition && take("?")) {
            Result<CelNode::Ptr> yes = either();
            if (!yes)
                return yes;
            if (!take(":"))
                return refuse("':' is missing");
            Result<CelNode::Ptr> no = choice();
            if (!no)
                return no;
            condition = makeNode(Kind::Choice, {*condition, *yes, *no});
        }
        --m_depth;
        return condition;
    }
    Result<CelNode::Ptr> either()
    {
        static constexpr std::array table{Binary{"||", Kind::Or}};
        return leftToRight(table, &Parser::both);
    }
    Result<CelNode::Ptr> both()
    {
        static constexpr std::array table{Binary{"&&", Kind::And}};
        return leftToRight(table, &Parser::relation);
    }
    Result<CelNode::Ptr> relation()
    {
        static constexpr std::array table{Binary{"==", Kind::Equal},       Binary{"!=", Kind::NotEqual},
                                          Binary{"<=", Kind::LessOrEqual}, Binary{">=", Kind::GreaterOrEqual},
                                          Binary{"<", Kind::Less},         Binary{">", Kind::Greater},
                                          Binary{"in", Kind::In}};
        return leftToRight(table, &Parser::sum);
    }
    Result<CelNode::Ptr> sum()
    {
        static constexpr std::array table{Binary{"+", Kind::Add}, Binary{"-", Kind::Subtract}};
        return leftToRight(table, &Parser::product);
    }
    Result<CelNode::Ptr> product()
    {
        static constexpr std::array table{Binary{"*", Kind::Multiply}, Binary{"/", Kind::Divide},
                                          Binary{"%", Kind::Modulo}};
        return leftToRight(table, &Parser::unary);
    }

    template<std::size_t Size>
    Result<CelNode::Ptr> leftToRight(const std::array<Binary, Size> &table,
                                     Result<CelNode::Ptr> (Parser::*operand)())
    {
        Result<CelNode::Ptr> left = (this->*operand)();
        while (left) {
            const Binary *found = nullptr;
            for (const Binary &each : table) {
                if (each.kind == Kind::In ? isName(each.symbol) : isSymbol(each.symbol)) {
                    found = &each;
                    break;
                }
            }
            if (found == nullptr)
                return left;
            ++m_at;
            Result<CelNode::Ptr> right = (this->*operand)();
            if (!right)
                return right;
            if (found->kind == Kind::In && isMap(**right) && (*left)->kind == Kind::Literal &&
                (*left)->literal.as<std::string>() == nullptr)
                return refuse("a map's keys are texts");
            left = makeNode(found->kind, {*left, *right});
        }
        return left;
    }

    Result<CelNode::Ptr> unary()
    {
        for (const auto &[symbol, kind] : {std::pair("!", Kind::Not), std::pair("-", Kind::Negate)}) {
            if (!isSymbol(symbol))
                continue;
            if (++m_depth > deepest)
                return refuse("an expression that is nested too deeply");
            ++m_at;
            Result<CelNode::Ptr> operand = unary();
            --m_depth;
            return operand ? Result<CelNode::Ptr>(makeNode(kind, {*operand})) : operand;
        }
        return member();
    }

    static bool isMap(const CelNode &node)
    {
        return node.kind == Kind::Attribute && isCelMap(node.attribute);
    }

    Result<CelNode::Ptr> member()
    {
        Result<CelNode::Ptr> node = primary();
        while (node) {
            if (take("[")) {
                Result<CelNode::Ptr> key = choice();
                if (!key)
                    return key;
                if (!take("]"))
                    return refuse("']' is missing");
                if ((*node)->kind == Kind::Attribute && !isMap(**node))
                    return refuse("this attribute has no elements");
                node = makeNode(Kind::Index, {*node, *key});
            } else if (take(".")) {
                node = select(*node);
            } else {
                return node;
            }
        }
        return node;
    }

    /// `.name` is a map's key, `.name(…)` a method.
    Result<CelNode::Ptr> select(const CelNode::Ptr &of)
    {
        if (token().kind != CelToken::Kind::Name)
            return refuse("a name is missing");
        const std::string name = token().text;
        ++m_at;
        if (isSymbol("("))
            return call(name, of);
        if (!isMap(*of))
            return refuse("nothing has a field '" + name + "' here");
        CelNode key;
        key.literal = CelValue(name);
        return makeNode(Kind::Index, {of, std::make_shared<const CelNode>(std::move(key))});
    }

    Result<CelNode::Ptr> primary()
    {
        if (token().kind == CelToken::Kind::Literal) {
            CelNode node;
            node.literal = token().literal;
            ++m_at;
            return std::make_shared<const CelNode>(std::move(node));
        }
        if (take("(")) {
            Result<CelNode::Ptr> inner = choice();
            if (inner && !take(")"))
                return refuse("')' is missing");
            return inner;
        }
        if (take("[")) {
            Result<std::vector<CelNode::Ptr>> items = arguments("]");
            return items ? Result<CelNode::Ptr>(makeNode(Kind::List, std::move(*items)))
                         : fail(items.error());
        }
        if (isSymbol("{"))
            return refuse("maps are not supported");
        if (isSymbol("."))
            ++m_at; // a name at the root
        if (token().kind != CelToken::Kind::Name)
            return refuse(token().kind == CelToken::Kind::End ? "the expression ends too early"
                                                              : "unexpected '" + token().text + '\'');
        return named();
    }

    Result<CelNode::Ptr> named()
    {
        std::string name = token().text;
        CelNode node;
        if (name == "true" || name == "false")
            node.literal = CelValue(name == "true");
        if (name == "true" || name == "false" || name == "null") {
            ++m_at;
            return std::make_shared<const CelNode>(std::move(node));
        }
        ++m_at;
        if (isSymbol("("))
            return call(name, nullptr);
        // An attribute is two names; what follows is a key or a method.
        if (isSymbol(".") && m_tokens[m_at + 1].kind == CelToken::Kind::Name) {
            name += '.' + m_tokens[m_at + 1].text;
            m_at += 2;
        }
        const std::optional<CelAttribute> attribute = celAttribute(name);
        if (!attribute) {
            --m_at;
            return refuse("'" + name + "' is not supported");
        }
        node.kind = Kind::Attribute;
        node.attribute = *attribute;
        return std::make_shared<const CelNode>(std::move(node));
    }

    Result<std::vector<CelNode::Ptr>> arguments(std::string_view end)
    {
        std::vector<CelNode::Ptr> list;
        while (!take(end)) {
            if (!list.empty() && !take(","))
                return refuse('\'' + std::string(end) + "' is missing");
            if (end == "]" && take(end))
                break;
            Result<CelNode::Ptr> item = choice();
            if (!item)
                return fail(item.error());
            list.push_back(*item);
        }
        return list;
    }

    Result<CelNode::Ptr> call(const std::string &name, const CelNode::Ptr &receiver)
    {
        struct Function
        {
            std::string_view name;
            Kind kind;
            std::size_t operands;
            bool asMethod;
            bool asFunction;
        };
        static constexpr std::array functions{
            Function{"has", Kind::Has, 1, false, true},
            Function{"size", Kind::Size, 1, true, true},
            Function{"startsWith", Kind::StartsWith, 2, true, false},
            Function{"endsWith", Kind::EndsWith, 2, true, false},
            Function{"contains", Kind::Contains, 2, true, false},
            Function{"matches", Kind::Matches, 2, true, true},
            Function{"int", Kind::ToInt, 1, false, true},
            Function{"uint", Kind::ToUint, 1, false, true},
            Function{"double", Kind::ToDouble, 1, false, true},
            Function{"duration", Kind::ToDuration, 1, false, true},
            Function{"timestamp", Kind::ToTime, 1, false, true},
        };
        if (const auto part = timePart(name); part && receiver)
            return partOf(receiver, *part);
        const Function *found = nullptr;
        for (const Function &each : functions) {
            if (each.name == name && (receiver ? each.asMethod : each.asFunction))
                found = &each;
        }
        if (found == nullptr)
            return refuse("the function '" + name + "' is not supported");
        take("(");
        Result<std::vector<CelNode::Ptr>> operands = arguments(")");
        if (!operands)
            return fail(operands.error());
        if (receiver)
            operands->insert(operands->begin(), receiver);
        if (operands->size() != found->operands)
            return refuse(name + "() takes another number of arguments");
        const CelNode &first = *operands->front();
        if (found->kind == Kind::Has && first.kind != Kind::Attribute && first.kind != Kind::Index)
            return refuse("has() takes an attribute");
        if (found->kind == Kind::Size && isMap(first))
            return refuse("the size of a map is not supported");
        return finish(found->kind, std::move(*operands));
    }

    static std::optional<CelTimePart> timePart(std::string_view name)
    {
        static constexpr std::array parts{
            std::pair{std::string_view("getFullYear"), CelTimePart::FullYear},
            std::pair{std::string_view("getMonth"), CelTimePart::Month},
            std::pair{std::string_view("getDate"), CelTimePart::Date},
            std::pair{std::string_view("getDayOfMonth"), CelTimePart::DayOfMonth},
            std::pair{std::string_view("getDayOfWeek"), CelTimePart::DayOfWeek},
            std::pair{std::string_view("getDayOfYear"), CelTimePart::DayOfYear},
            std::pair{std::string_view("getHours"), CelTimePart::Hours},
            std::pair{std::string_view("getMinutes"), CelTimePart::Minutes},
            std::pair{std::string_view("getSeconds"), CelTimePart::Seconds},
            std::pair{std::string_view("getMilliseconds"), CelTimePart::Milliseconds}};
        for (const auto &[known, part] : parts) {
            if (known == name)
                return part;
        }
        return std::nullopt;
    }

    Result<CelNode::Ptr> partOf(const CelNode::Ptr &time, CelTimePart part)
    {
        take("(");
        if (!take(")"))
            return refuse("time zones are not supported");
        CelNode node;
        node.kind = Kind::TimePart;
        node.part = part;
        node.children = {time};
        return std::make_shared<const CelNode>(std::move(node));
    }

    Result<CelNode::Ptr> finish(Kind kind, std::vector<CelNode::Ptr> operands)
    {
        CelNode node;
        node.kind = kind;
        node.children = std::move(operands);
        if (kind == Kind::Matches && node.children[1]->kind == Kind::Literal) {
            const auto *text = node.children[1]->literal.as<std::string>();
            if (text == nullptr)
                return refuse("matches() takes a text");
            auto pattern = std::make_shared<re2::RE2>(*text, re2::RE2::Quiet);
            if (!pattern->ok())
                return refuse("a regular expression that is wrong: " + pattern->error());
            node.pattern = std::move(pattern);
        }
        // What is constant is looked at now: a wrong one never has a value.
        if ((kind == Kind::ToDuration || kind == Kind::ToTime) && node.children[0]->kind == Kind::Literal) {
            const auto *text = node.children[0]->literal.as<std::string>();
            const bool length = kind == Kind::ToDuration;
            if (text == nullptr || (length ? !parseCelDuration(*text) : !parseCelTime(*text)))
                return refuse(length ? "duration() takes a text like '1.5s'"
                                     : "timestamp() takes a text like '2026-01-31T12:00:00Z'");
        }
        return std::make_shared<const CelNode>(std::move(node));
    }

    std::vector<CelToken> m_tokens;
    std::size_t m_at = 0;
    int m_depth = 0;
};

} // namespace

Result<CelNode::Ptr> parseCel(std::string_view text)
{
    Result<std::vector<CelToken>> tokens = celTokens(text);
    if (!tokens)
        return fail(tokens.error());
    if (tokens->size() > longest)
        return fail("CEL: an expression of more than " + std::to_string(longest) + " words is not supported");
    return Parser(std::move(*tokens)).run();
}

} // namespace sallyport::dataplane
