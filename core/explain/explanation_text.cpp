// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explanation_text.h"

#include "core/explain/explanation_json.h"

#include <cmath>

namespace sallyport::explain {

namespace {

class Writer
{
public:
    explicit Writer(const TextOptions &options)
        : m_options(options)
    {
    }

    void write(const Explanation &explanation)
    {
        const Request &request = explanation.request;
        line(bold(request.method + ' ' + request.url) + dim("  from " + request.from));
        for (const Hop &hop : explanation.hops)
            write(hop);
        write(explanation.outcome, explanation.probability);
    }

    std::string take() { return std::move(m_text); }

private:
    std::string styled(const char *code, const std::string &text) const
    {
        return m_options.colour ? std::string("\x1b[") + code + 'm' + text + "\x1b[0m" : text;
    }
    std::string bold(const std::string &text) const { return styled("1", text); }
    std::string dim(const std::string &text) const { return styled("2", text); }

    std::string cue(Mark mark) const
    {
        switch (mark) {
        case Mark::Passed:
            return styled("32", "✓");
        case Mark::Refused:
            return styled("31", "✗");
        case Mark::Answered:
            return styled("36", "●");
        case Mark::Uncertain:
            return styled("33", "?");
        case Mark::Note:
            break;
        }
        return dim("·");
    }

    void line(const std::string &text) { m_text += text + '\n'; }

    void write(const Hop &hop)
    {
        line({});
        std::string head = bold(hop.proxy) + dim(std::string("  ") + nameOf(hop.kind));
        if (hop.times > 1)
            head += dim(", " + std::to_string(hop.times) + " times");
        if (!hop.from.empty() && hop.from != hop.proxy)
            head += dim(hop.tls ? ", over TLS" : ", in plaintext");
        line(head);
        m_object.clear();
        for (const Step &step : hop.steps)
            write(step);
        if (!hop.log.written)
            return;
        const LogLine &log = hop.log;
        std::string text = "log: " + std::to_string(log.status) + ' ' + log.flags;
        if (!log.details.empty())
            text += ' ' + log.details;
        if (!log.route.empty())
            text += ", route " + log.route;
        if (!log.cluster.empty())
            text += " → " + log.cluster;
        if (!log.upstreamHost.empty())
            text += ' ' + log.upstreamHost;
        line("  " + dim(text));
    }

    void write(const Step &step)
    {
        // What was just named needs no repetition.
        const std::string name = step.object.substr(step.object.find(' ') + 1);
        const bool known =
            step.object.empty() || step.object == m_object || step.decision.find(name) != std::string::npos;
        line("  " + cue(step.mark) + ' ' + step.decision +
             (known ? std::string() : dim("  [" + step.object + ']')));
        m_object = step.object;
        for (const std::string &reason : step.why)
            line("      " + reason);
        for (const Source &source : step.sources) {
            Place place = source.place;
            if (!place.file.empty() && !m_options.folder.empty())
                place.file = m_options.folder + '/' + place.file;
            line("      " + dim("from " + source.resource +
                                (place.file.empty() ? std::string() : ", " + place.toString())));
        }
    }

    void write(const Outcome &outcome, double probability)
    {
        line({});
        const bool refused = outcome.status == 0 || outcome.status >= 400;
        line(styled(refused ? "1;31" : "1;32", outcome.summary));
        if (!outcome.details.empty() && outcome.details != "via_upstream")
            line("  " + outcome.details);
        if (!outcome.location.empty())
            line("  location: " + outcome.location);
        if (outcome.status != 0 && outcome.bodyKnown && !outcome.body.empty())
            line("  body: " + outcome.body);
        if (probability < 1)
            line("  " +
                 styled("33", "this way is followed by " + std::to_string(std::lround(probability * 100)) +
                                  " % of such requests"));
    }

    const TextOptions &m_options;
    std::string m_text;
    std::string m_object; ///< of the step before
};

} // namespace

std::string toText(const Explanation &explanation, const TextOptions &options)
{
    Writer writer(options);
    writer.write(explanation);
    return writer.take();
}

} // namespace sallyport::explain
