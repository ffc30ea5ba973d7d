// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gateway/command_line.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <thread>

namespace sallyport::gateway {

namespace {

/// Threads whose statistics are kept apart: the main one and the workers.
constexpr unsigned MostWorkers = telemetry::mostWriters - 1;

/// Envoy's flags that need a value and have no meaning for this gateway.
constexpr std::array IgnoredWithValue{
    "base-id",           "base-id-path",        "restart-epoch",   "parent-shutdown-time-s",
    "service-zone",      "component-log-level", "log-format",      "file-flush-min-size-kb",
    "stats-tag",         "socket-path",         "socket-mode",     "disable-extensions",
    "bootstrap-version", "max-stats",           "max-obj-name-len"};

constexpr std::array IgnoredSwitches{
    "use-dynamic-base-id", "skip-hot-restart-on-no-parent", "skip-hot-restart-parent-stats",
    "disable-hot-restart", "enable-mutex-tracing",          "cpuset-threads",
    "enable-core-dump",    "skip-deprecated-logs",          "enable-fine-grain-logging",
    "log-format-escaped",  "reject-unknown-dynamic-fields", "ignore-unknown-dynamic-fields"};

bool isOneOf(const auto &names, const QString &name)
{
    return std::any_of(names.begin(), names.end(),
                       [&](const char *each) { return name == QLatin1String(each); });
}

Result<unsigned> number(const QString &flag, const QString &value, unsigned most)
{
    bool good = false;
    const unsigned parsed = value.toUInt(&good);
    if (!good || parsed > most)
        return fail("--" + flag.toStdString() + " needs a number up to " + std::to_string(most) + ", not '" +
                    value.toStdString() + '\'');
    return parsed;
}

/// Reads one flag after the other.
class Parser
{
public:
    explicit Parser(const QStringList &arguments)
        : m_arguments(arguments)
    {
    }

    Result<CommandLineOptions> parse();

private:
    Result<void> take(const QString &flag, const QString &value);
    Result<void> takeNumber(const QString &flag, const QString &value);

    QStringList m_arguments;
    CommandLineOptions m_options;
};

Result<void> Parser::takeNumber(const QString &flag, const QString &value)
{
    Result<unsigned> parsed = number(flag, value, flag == QLatin1String("concurrency") ? 1024 : 1'000'000);
    if (!parsed)
        return fail(parsed.error());
    admin::CommandLine &commandLine = m_options.server.commandLine;
    if (flag == QLatin1String("concurrency")) {
        // Envoy takes 0 for 1.
        commandLine.concurrency = std::clamp(*parsed, 1U, MostWorkers);
    } else if (flag == QLatin1String("drain-time-s")) {
        commandLine.drainTime = std::chrono::seconds(*parsed);
    } else if (flag == QLatin1String("file-flush-interval-msec")) {
        commandLine.fileFlushInterval = std::chrono::milliseconds(*parsed);
        m_options.server.logFlushInterval = std::chrono::milliseconds(std::max(1U, *parsed));
    } else {
        m_options.server.grace = std::chrono::seconds(*parsed);
    }
    return {};
}

Result<void> Parser::take(const QString &flag, const QString &value)
{
    static const std::array Levels{"trace", "debug", "info", "warning", "warn", "error", "critical", "off"};
    if (flag == QLatin1String("config-path")) {
        m_options.configPath = value;
    } else if (flag == QLatin1String("config-yaml")) {
        m_options.configText = value;
    } else if (flag == QLatin1String("control")) {
        m_options.controlPath = value;
    } else if (flag == QLatin1String("admin-address-path")) {
        m_options.adminAddressPath = value;
    } else if (flag == QLatin1String("log-path")) {
        m_options.server.logPath = value.toStdString();
    } else if (flag == QLatin1String("service-node")) {
        m_options.server.nodeId = value.toStdString();
    } else if (flag == QLatin1String("service-cluster")) {
        m_options.server.nodeCluster = value.toStdString();
    } else if (flag == QLatin1String("mode")) {
        if (value == QLatin1String("validate"))
            m_options.mode = Mode::Validate;
        else if (value != QLatin1String("serve"))
            return fail("--mode is serve or validate, not '" + value.toStdString() + '\'');
    } else if (flag == QLatin1String("log-level")) {
        if (!isOneOf(Levels, value))
            return fail("--log-level is one of trace, debug, info, warning, error, critical and off, not '" +
                        value.toStdString() + '\'');
        m_options.server.commandLine.logLevel =
            value == QLatin1String("warn") ? "warning" : value.toStdString();
    } else if (flag == QLatin1String("drain-strategy")) {
        if (value != QLatin1String("gradual") && value != QLatin1String("immediate"))
            return fail("--drain-strategy is gradual or immediate, not '" + value.toStdString() + '\'');
        m_options.server.commandLine.drainsAtOnce = value == QLatin1String("immediate");
    } else if (flag == QLatin1String("local-address-ip-version")) {
        if (value != QLatin1String("v4") && value != QLatin1String("v6"))
            return fail("--local-address-ip-version is v4 or v6, not '" + value.toStdString() + '\'');
    } else {
        return takeNumber(flag, value);
    }
    return {};
}

Result<CommandLineOptions> Parser::parse()
{
    static const std::map<QString, QString> Short{{QStringLiteral("c"), QStringLiteral("config-path")},
                                                  {QStringLiteral("l"), QStringLiteral("log-level")}};
    static const std::array WithValue{"config-path",
                                      "config-yaml",
                                      "control",
                                      "admin-address-path",
                                      "log-path",
                                      "service-node",
                                      "service-cluster",
                                      "mode",
                                      "log-level",
                                      "drain-strategy",
                                      "local-address-ip-version",
                                      "concurrency",
                                      "drain-time-s",
                                      "file-flush-interval-msec",
                                      "termination-drain-duration-s"};
    m_options.server.commandLine.concurrency =
        std::clamp(std::thread::hardware_concurrency(), 1U, MostWorkers);
    m_options.server.commandLine.fileFlushInterval = m_options.server.logFlushInterval;
    for (qsizetype i = 0; i < m_arguments.size(); ++i) {
        const QString &argument = m_arguments[i];
        QString flag = argument;
        std::optional<QString> value;
        if (argument.startsWith(QLatin1String("--"))) {
            flag = argument.mid(2);
            if (const qsizetype equals = flag.indexOf(QLatin1Char('=')); equals >= 0) {
                value = flag.mid(equals + 1);
                flag.truncate(equals);
            }
        } else if (argument.startsWith(QLatin1Char('-')) && argument.size() >= 2) {
            flag = argument.mid(1, 1);
            if (const auto found = Short.find(flag); found != Short.end()) {
                flag = found->second;
                if (argument.size() > 2)
                    value = argument.mid(2);
            } else if (argument == QLatin1String("-h")) {
                flag = QStringLiteral("help");
            } else {
                return fail("unknown flag " + argument.toStdString(), {}, "see --help");
            }
        } else {
            return fail("unexpected argument '" + argument.toStdString() + '\'', {},
                        "the configuration is given with -c FILE");
        }
        if (flag == QLatin1String("version") || flag == QLatin1String("help")) {
            m_options.mode = flag == QLatin1String("version") ? Mode::Version : Mode::Help;
            return m_options;
        }
        if (flag == QLatin1String("supported-fields")) {
            m_options.mode = Mode::Fields;
            return m_options;
        }
        if (isOneOf(IgnoredSwitches, flag))
            continue;
        const bool known = isOneOf(WithValue, flag);
        if (!known && !isOneOf(IgnoredWithValue, flag))
            return fail("unknown flag " + argument.toStdString(), {}, "see --help");
        if (!value) {
            if (++i == m_arguments.size())
                return fail("--" + flag.toStdString() + " needs a value");
            value = m_arguments[i];
        }
        if (!known)
            continue;
        if (Result<void> taken = take(flag, *value); !taken)
            return fail(taken.error());
    }
    if (m_options.configPath.isEmpty() && m_options.configText.isEmpty())
        return fail("there is no configuration", {}, "give one with -c FILE");
    m_options.server.commandLine.configPath = m_options.configPath.toStdString();
    m_options.server.commandLine.mode = m_options.mode == Mode::Validate ? "Validate" : "Serve";
    return m_options;
}

} // namespace

Result<CommandLineOptions> parseCommandLine(const QStringList &arguments)
{
    return Parser(arguments).parse();
}

QString versionText()
{
    return QStringLiteral("sallyport-gateway  version: %1").arg(QLatin1String(SALLYPORT_VERSION));
}

QString helpText()
{
    return QStringLiteral(
        "Usage: sallyport-gateway -c BOOTSTRAP [flags]\n"
        "\n"
        "Runs an Envoy v3 bootstrap. Flags that Envoy has mean what they mean there.\n"
        "\n"
        "  -c, --config-path FILE            the bootstrap: YAML in a .yaml or .yml file, else JSON\n"
        "      --config-yaml TEXT            the bootstrap itself, as YAML, or what is laid over the file\n"
        "      --mode serve|validate         validate: only say whether the bootstrap would run\n"
        "      --concurrency N               worker threads (default: one per CPU)\n"
        "  -l, --log-level LEVEL             trace, debug, info, warning, error, critical, off\n"
        "      --log-path FILE               messages go there instead of standard error\n"
        "      --drain-time-s N              how long replaced listeners may drain (default 600)\n"
        "      --drain-strategy WORD         gradual or immediate: which answers close in that time\n"
        "      --termination-drain-duration-s N  how long SIGTERM waits for requests to end (default 2)\n"
        "      --file-flush-interval-msec N  how often access logs are written (default 250)\n"
        "      --service-node ID             the node's id, where the bootstrap has none\n"
        "      --service-cluster NAME        the node's cluster, where the bootstrap has none\n"
        "      --admin-address-path FILE     the admin interface's address is written there\n"
        "      --control PATH                socket of the control channel; the gateway ends with its owner\n"
        "      --supported-fields            the fields of Envoy's API that a bootstrap may have, as a "
        "table\n"
        "      --version, --help\n"
        "\n"
        "SIGTERM and SIGINT drain and end, a second one ends at once. SIGHUP takes over the changed\n"
        "configuration file without dropping a request, SIGUSR1 reopens the log files.\n");
}

} // namespace sallyport::gateway
