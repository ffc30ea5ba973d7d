// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/inspector/explainer.h"
#include "ui/inspector/form.h"
#include "ui/inspector/live_record.h"
#include "ui/inspector/subject.h"
#include "ui/problems/finding_list.h"
#include "ui/session/context.h"
#include "ui/topology/chain_model.h"

#include <QWidget>

class QComboBox;
class QHBoxLayout;
class QStackedWidget;
class QTabWidget;

namespace sallyport::editor {
class EditorPanel;
}
namespace sallyport::theme {
class EmptyState;
}
namespace sallyport::traffic {
class RequestStore;
}

namespace sallyport::inspector {

class ExplainView;
class FormView;
class LiveView;
class WrappedLabel;

/// The selected card, hop, resource or request: as a form, as YAML, explained, and as it runs.
class InspectorPanel : public QWidget
{
    Q_OBJECT

public:
    InspectorPanel(session::Context &context, topology::ChainModel &chain, problems::FindingList &findings,
                   const traffic::RequestStore &requests, QWidget *parent = nullptr);
    ~InspectorPanel() override;

    /// The YAML of what is selected.
    void showYaml();
    /// The YAML of one resource. The selection stays if the resource is one of it.
    void showResource(const session::ResourceSelection &where);
    /// A place of a file, line and column from 1; the selection stays likewise.
    void showPlace(const QString &file, int line, int column);
    /// What would become of this request.
    void explain(const explain::Request &request);
    /// Opens the search of the text, if the keyboard is in one.
    bool openFind();
    /// Shows the YAML of what is selected and opens the search with a replacement; false without a text.
    bool openReplace();
    const Subject &subject() const { return m_subject; }
    editor::EditorPanel &editor() { return *m_editor; }

Q_SIGNALS:
    /// A word for the status bar.
    void message(const QString &text);
    /// This resource of what is selected is looked at.
    void resourceShown(const sallyport::session::ResourceSelection &where);
    /// The panel has something to show and may be hidden.
    void raiseWanted();

private:
    QWidget *makeHead();
    QWidget *makeTabs();
    void connectForm();
    void follow();
    void showHead();
    void showTabs();
    void showText();
    void showForm();
    void showLive();
    void showExplain();
    void chooseResource(int index);
    std::optional<session::ResourceSelection> resource() const;
    void change(const QString &name,
                const std::function<Result<void>(model::ProjectEdit &, const model::Resource &)> &edit);

    session::Context &m_context;
    topology::ChainModel &m_chain;
    problems::FindingList &m_findings;
    const traffic::RequestStore &m_requests;
    LiveRecord m_record;
    Explainer m_explainer;
    Subject m_subject;
    session::SelectedThing m_thing; ///< what m_subject was made of
    std::set<std::string> m_opened; ///< fields of the shown resource that wait for a value
    bool m_asked = false;           ///< the person typed the request that is explained

    QStackedWidget *m_pages = nullptr;
    theme::EmptyState *m_empty = nullptr;
    WrappedLabel *m_title = nullptr;
    WrappedLabel *m_detail = nullptr;
    QWidget *m_chips = nullptr;
    QHBoxLayout *m_chipRow = nullptr;
    QComboBox *m_choice = nullptr;
    QTabWidget *m_tabs = nullptr;
    QStackedWidget *m_formPages = nullptr;
    FormView *m_form = nullptr;
    theme::EmptyState *m_noForm = nullptr;
    editor::EditorPanel *m_editor = nullptr;
    ExplainView *m_explain = nullptr;
    LiveView *m_live = nullptr;
};

} // namespace sallyport::inspector
