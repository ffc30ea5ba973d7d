// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explain.h"
#include "ui/session/context.h"

#include <QObject>
#include <QThreadPool>
#include <optional>

namespace sallyport::inspector {

/// Explains one request with the project as it is, and again when the project changes. The walk runs on a
/// worker; GUI thread only.
class Explainer : public QObject
{
    Q_OBJECT

public:
    explicit Explainer(session::Context &context, QObject *parent = nullptr);
    ~Explainer() override;

    /// Nothing is explained before this, or while `wanted` is false: it costs some ten milliseconds a change.
    void setWanted(bool wanted);
    void ask(const explain::Request &request);
    const std::optional<explain::Request> &request() const { return m_request; }
    /// Of request(); null before the first, or when there is an error.
    std::shared_ptr<const explain::Explanation> explanation() const { return m_explanation; }
    /// Why there is none: one sentence.
    QString error() const { return m_error; }

Q_SIGNALS:
    void changed();

private:
    void run();

    session::Context &m_context;
    QThreadPool m_worker;
    std::optional<explain::Request> m_request;
    std::shared_ptr<const explain::Explanation> m_explanation;
    QString m_error;
    session::ProjectPtr m_sceneProject; ///< what m_scene was made of
    std::shared_ptr<const explain::Scene> m_scene;
    bool m_wanted = false;
    bool m_stale = true;
    bool m_running = false;
};

} // namespace sallyport::inspector
