// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/explainer.h"

namespace sallyport::inspector {

Explainer::Explainer(session::Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{
    m_worker.setMaxThreadCount(1);
    connect(&context.project, &session::ProjectSession::projectChanged, this, [this] {
        m_stale = true;
        run();
    });
    connect(&context.project, &session::ProjectSession::closed, this, [this] {
        m_request.reset();
        m_explanation.reset();
        m_scene.reset();
        m_sceneProject.reset();
        m_error.clear();
        Q_EMIT changed();
    });
}

Explainer::~Explainer()
{
    m_worker.waitForDone();
}

void Explainer::setWanted(bool wanted)
{
    m_wanted = wanted;
    run();
}

void Explainer::ask(const explain::Request &request)
{
    m_request = request;
    m_stale = true;
    run();
}

void Explainer::run()
{
    const session::ProjectPtr project = m_context.project.project();
    if (!m_wanted || !m_stale || m_running || !m_request || !project)
        return;
    m_running = true;
    m_stale = false;
    m_worker.start([this, project, request = *m_request,
                    scene = project == m_sceneProject ? m_scene : nullptr]() mutable {
        QString error;
        std::shared_ptr<const explain::Explanation> explanation;
        if (!scene) {
            if (auto made = explain::Scene::of(*project))
                scene = std::make_shared<const explain::Scene>(*std::move(made));
            else
                error = QString::fromStdString(made.error().toString());
        }
        if (scene) {
            if (auto made = explain::explain(*scene, request))
                explanation = std::make_shared<const explain::Explanation>(*std::move(made));
            else
                error = QString::fromStdString(made.error().toString());
        }
        QMetaObject::invokeMethod(
            this,
            [this, project, scene, explanation, error] {
                m_running = false;
                if (m_context.project.isOpen()) {
                    m_sceneProject = project;
                    m_scene = scene;
                    m_explanation = explanation;
                    m_error = error;
                    Q_EMIT changed();
                }
                run();
            },
            Qt::QueuedConnection);
    });
}

} // namespace sallyport::inspector
