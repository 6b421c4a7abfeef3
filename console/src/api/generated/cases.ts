// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/case-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of cases as XES
         * @description IEEE 1849: a trace a case, an event a happening; filtered as cases are. Persons are not in it.
         */
        get: operations["CaseLogXes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/case-suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What past cases suggest for a case to be opened
         * @description The same from its words and place, before it is there. Nothing of it is kept.
         */
        post: operations["CaseSuggestionsOfNew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/case-units": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Units that cases are sent to
         * @description Departments, districts and organisations, by name.
         */
        get: operations["CaseUnitsUnits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a case
         * @description A new case of a procedure. The same `Idempotency-Key` gives the same case again.
         */
        post: operations["CasesOpenCase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One case
         * @description With its tasks, clocks, requests, links and log, and what the reader may do.
         */
        get: operations["CasesIdCase"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Documents of a case
         * @description Oldest first. Without the purpose `cases.handling` what is about a person has no title.
         */
        get: operations["CasesIdDocumentsDocumentsOf"];
        put?: never;
        /**
         * Attach a document to a case
         * @description It is kept first (`POST /documents`, or in parts), with `belongs_to=cases.case` and the case's id. The log tells of it
         *     once, however often this is said.
         */
        post: operations["CasesIdDocumentsAttach"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/documents/{document_id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A document of a case
         * @description Its content, whole or one `Range`, for whoever may open the documents of the case as it is now.
         */
        get: operations["CasesIdDocumentsDocumentIdContentDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/documents/{document_id}/redaction": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What to cover in a photo
         * @description Where faces and number plates may be: a suggestion that misses some. Without the extra `redact` it is empty and says so.
         */
        get: operations["CasesIdDocumentsDocumentIdRedactionSearchPhoto"];
        put?: never;
        post?: never;
        /**
         * Withdraw a covered copy
         * @description It shows too much: from now on it has the label of the photo of which it was made.
         */
        delete: operations["CasesIdDocumentsDocumentIdRedactionWithdraw"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/documents/{document_id}/redactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep a covered copy of a photo
         * @description The copy is a document of the case of its own, flat, without anything that the photo tells of itself, and not about a
         *     person; the photo keeps its label. The same boxes again give the same copy.
         */
        post: operations["CasesIdDocumentsDocumentIdRedactionsRedact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/documents/{document_id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A picture of a case, small
         * @description A small JPEG: 160, 320, 640 or 1600 pixels on the longer side.
         */
        get: operations["CasesIdDocumentsDocumentIdThumbnailThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link something to a case
         * @description A thing, a record, a paper, another case.
         */
        post: operations["CasesIdLinksLink"];
        /**
         * Take a link away
         * @description It belongs to the case no more.
         */
        delete: operations["CasesIdLinksUnlink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/marks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Mark a case
         * @description Urgent, supervised (督办), or no longer.
         */
        put: operations["CasesIdMarksMark"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/merged-into": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Merge a case
         * @description End it as being about the same as another, which shows it from then on.
         */
        put: operations["CasesIdMergedIntoMerge"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write a note
         * @description A word into the log of a case.
         */
        post: operations["CasesIdNotesNote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/reopenings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a closed case again
         * @description Where its procedure says, else at its beginning.
         */
        post: operations["CasesIdReopeningsReopen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for more time
         * @description Whoever steers the case says yes or no; not the one who asked.
         */
        post: operations["CasesIdRequestsAsk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/requests/{request_id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Answer a request
         * @description Yes, and what was asked for happens; or no.
         */
        put: operations["CasesIdRequestsRequestIdAnswerAnswer"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What past cases suggest for a case
         * @description Class, unit and open cases that may be about the same, each with what it rests on. A person decides.
         */
        get: operations["CasesIdSuggestionsOfCase"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/suspension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Suspend a case
         * @description Stop it and its clocks for the time being.
         */
        put: operations["CasesIdSuspensionSuspend"];
        post?: never;
        /**
         * Go on with a case
         * @description Its clocks run on from where they stood.
         */
        delete: operations["CasesIdSuspensionResume"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cases/{id}/unit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Transfer a case
         * @description Have another unit handle it; the clock runs on.
         */
        put: operations["CasesIdUnitTransfer"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decision-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check decisions
         * @description What a DMN file would be; nothing is kept. Gaps are told; 422 lists everything that is in the way, by element.
         */
        post: operations["DecisionChecksCheckDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Decisions and their versions
         * @description All versions on the shelf, of all decisions or of one, the newest first.
         */
        get: operations["DecisionsDecisionVersions"];
        put?: never;
        /**
         * Put decisions on the shelf
         * @description The body is a DMN file of at most 2 MiB. It becomes a draft; the same file again changes nothing.
         */
        post: operations["DecisionsShelveDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The live version of decisions
         * @description Its file, its tables, and what was found in them.
         */
        get: operations["DecisionsNameLiveDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{name}/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try decisions
         * @description What the live version, or another, would answer, and by which rules. Nothing is kept.
         */
        post: operations["DecisionsNameAnswersTryDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{name}/live/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Decide by a version
         * @description Every case is decided by it from now on; what was decided stays.
         */
        put: operations["DecisionsNameLiveVersionMakeDecisionLive"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/decisions/{name}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A version of decisions
         * @description Its file, its tables, and what was found in them.
         */
        get: operations["DecisionsNameVersionsDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is to be done
         * @description Open tasks, what is due first: those on the reader's desks, or with `mine=false` all that they may see.
         */
        get: operations["InboxInbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/procedure-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a procedure
         * @description What a BPMN file would be; nothing is kept. 422 lists everything that is in the way, by element.
         */
        post: operations["ProcedureChecksCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/procedures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Procedures and their versions
         * @description All versions on the shelf, of all procedures or of one, the newest first.
         */
        get: operations["ProceduresVersions"];
        put?: never;
        /**
         * Put a procedure on the shelf
         * @description The body is a BPMN 2.0 file of at most 2 MiB. It becomes a draft; the same file again changes nothing.
         */
        post: operations["ProceduresShelve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/procedures/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The live version of a procedure
         * @description Its file, its picture as SVG, and what it says in plain words.
         */
        get: operations["ProceduresNameLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/procedures/{name}/live/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Make a version the live one
         * @description New cases go by it from now on; those that run stay on theirs.
         */
        put: operations["ProceduresNameLiveVersionMakeLive"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/procedures/{name}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A version of a procedure
         * @description Its file, its picture as SVG, and what it says in plain words.
         */
        get: operations["ProceduresNameVersionsProcedure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/procedures/{name}/versions/{version}/moves": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move running cases
         * @description Bring the running cases of other versions to this one; without `dry_run=false` only say what would become.
         */
        post: operations["ProceduresNameVersionsMovesMove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/procedures/{name}/versions/{version}/simulations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a version out
         * @description The load and lateness to be expected, from past cases; takes some seconds, one at a time. Nothing of it is kept.
         */
        post: operations["ProceduresNameVersionsSimulationsSimulate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/suggestion-models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What suggestions rest on
         * @description From which cases was learned and when, and how good it was on cases it did not learn from; the newest first.
         */
        get: operations["SuggestionModelsModels"];
        put?: never;
        /**
         * Have it learned anew
         * @description A job learns from the closed cases of a procedure; it does so every night as well.
         */
        post: operations["SuggestionModelsOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/task-acts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do the same with several tasks
         * @description At most 200; each answers for itself.
         */
        post: operations["TaskActsActOnMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/acts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do a task
         * @description Choose what the task offers; the case goes on as its procedure says.
         */
        post: operations["TasksIdActsAct"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/assignee": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Take a task
         * @description Take it oneself, hand it to a colleague, or put it back for all of the desk.
         */
        put: operations["TasksIdAssigneeTake"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Act
         * @description What somebody does with a task.
         */
        Act: {
            choice: string;
            /** @default null */
            class: string | null;
            /** @default {} */
            data: Record<string, never>;
            /** @default null */
            note: string | null;
            /** @default null */
            revision: number | null;
            /** @default [] */
            units: string[];
        };
        /**
         * ActOnMany
         * @description The same, to be done with several tasks.
         */
        ActOnMany: {
            act: components["schemas"]["Act"];
            tasks: string[];
        };
        /** Acted */
        Acted: {
            id: string;
            revision: number;
            stage: string;
            state: string;
        };
        /** ActedOne */
        ActedOne: {
            done: boolean;
            error?: string | null;
            stage?: string | null;
            task: string;
        };
        /**
         * AnswerRequest
         * @description Yes or no.
         */
        AnswerRequest: {
            granted: boolean;
            /** @default null */
            note: string | null;
        };
        /**
         * AskFor
         * @description A request for more time (`extend`, with how much of the clock's unit) or to stop for the time being (`suspend`).
         */
        AskFor: {
            /** @default null */
            amount: number | null;
            /** @enum {unknown} */
            kind: "extend" | "suspend";
            reason: string;
        };
        /**
         * AskedFor
         * @description A case that is not there yet, as far as it is known. Positions are longitude and latitude in CGCS2000 degrees.
         */
        AskedFor: {
            /** @default null */
            class: string | null;
            /** @default null */
            description: string | null;
            /** @default null */
            district: string | null;
            /** @default null */
            location: [
                number,
                number
            ] | null;
            procedure: string;
            /** @default desk */
            source: string;
            /** @default null */
            title: string | null;
        };
        /**
         * AttachDocument
         * @description A document kept as belonging to the case; when and where it was made, where that is known.
         */
        AttachDocument: {
            document: string;
            /** @default null */
            made_at: string | null;
            /** @default null */
            place: components["schemas"]["DevicePosition"] | null;
        };
        /** BackTest */
        BackTest: {
            compared: components["schemas"]["Compared"][];
            note: string;
            runs: number;
            /** Format: date */
            since: string;
            /** Format: date */
            until: string;
            version: number | null;
        };
        /** CaseDocument */
        CaseDocument: {
            by: string;
            bytes: number;
            height: number | null;
            id: string;
            /** Format: date-time */
            kept_at: string;
            made_at: string | null;
            may_redact: boolean;
            media_type: string;
            place: unknown;
            redacted_from: string | null;
            shareable: boolean;
            title: string;
            width: number | null;
        };
        /** CaseShown */
        CaseShown: {
            cell: string | null;
            class?: string | null;
            clocks: components["schemas"]["ClockShown"][];
            closed_at: string | null;
            contact: string | null;
            description: string | null;
            district: string | null;
            due_at: string | null;
            fields: components["schemas"]["FieldShown"][];
            id: string;
            links: components["schemas"]["LinkShown"][];
            location: unknown;
            log: components["schemas"]["HappeningShown"][];
            may: string[];
            merged_into: string | null;
            number: string;
            /** Format: date-time */
            opened_at: string;
            outcome: string | null;
            owner: string | null;
            passed: {
                [key: string]: number;
            };
            place: string | null;
            procedure: string;
            procedure_title: string;
            requests: components["schemas"]["RequestShown"][];
            revision: number;
            source: string;
            stage: string;
            stage_title: string;
            state: string;
            supervised: boolean;
            tasks: components["schemas"]["TaskShown"][];
            title: string | null;
            unit: string | null;
            unit_name: string | null;
            urgent: boolean;
            version: number;
            waiting: string[];
        };
        /** CaseUnit */
        CaseUnit: {
            id: string;
            name: string;
        };
        /** CheckedDecision */
        CheckedDecision: {
            asked: string[];
            en: string;
            findings: components["schemas"]["DecisionFindings"][];
            name: string;
            tables: string[];
            zh: string;
        };
        /** CheckedProcedure */
        CheckedProcedure: {
            elements: number;
            en: string;
            name: string;
            stages: string[];
            zh: string;
        };
        /** ChoiceShare */
        ChoiceShare: {
            choice: string;
            share: number;
        };
        /** ChoiceShown */
        ChoiceShown: {
            fields: string[];
            name: string;
            needs: string[];
            title: string;
        };
        /** ClockShown */
        ClockShown: {
            colour: string;
            due_at: string | null;
            hint_at: string | null;
            name: string;
            running: boolean;
            /** Format: date-time */
            started_at: string;
            why: string[];
            yellow_at: string | null;
        };
        /** Compared */
        Compared: {
            inside: boolean | null;
            past: number | null;
            simulated: components["schemas"]["SimulatedBand"];
            title: string;
            /** @enum {string} */
            what: "through_hours" | "late" | "ended_per_day" | "open_at_end";
        };
        /**
         * CoveredBox
         * @description A part of a photo that is covered, in pixels of the whole photo turned as it is looked at.
         */
        CoveredBox: {
            height: number;
            width: number;
            x: number;
            y: number;
        };
        /** DecisionAnswer */
        DecisionAnswer: {
            answers: {
                [key: string]: unknown;
            };
            version: number;
            why: components["schemas"]["DecisionHit"][];
        };
        /** DecisionFindings */
        DecisionFindings: {
            checked: boolean;
            gaps: string[];
            meetings: components["schemas"]["DecisionMeeting"][];
            table: string;
            unreached: number[];
        };
        /** DecisionHit */
        DecisionHit: {
            answers: {
                [key: string]: unknown;
            };
            rules: number[];
            table: string;
        };
        /** DecisionMeeting */
        DecisionMeeting: {
            at: string;
            first: number;
            second: number;
        };
        /** DecisionRule */
        DecisionRule: {
            answers: string[];
            note: string;
            number: number;
            tests: string[];
        };
        /** DecisionShown */
        DecisionShown: {
            asked: string[];
            dmn: string;
            findings: components["schemas"]["DecisionFindings"][];
            name: string;
            state: string;
            tables: components["schemas"]["DecisionTable"][];
            title: string;
            version: number;
        };
        /** DecisionTable */
        DecisionTable: {
            aggregate: string | null;
            id: string;
            inputs: [
                string,
                string
            ][];
            needs: string[];
            outputs: [
                string,
                string
            ][];
            policy: string;
            policy_title: string;
            rules: components["schemas"]["DecisionRule"][];
            title: string;
            value: string | null;
        };
        /** DecisionVersion */
        DecisionVersion: {
            live_at: string | null;
            /** Format: date-time */
            made_at: string;
            made_by: string;
            name: string;
            sha256: string;
            state: string;
            title: string;
            version: number;
        };
        /**
         * DeskAsked
         * @description Who sits at a desk. Without `officers`: as the past has it. `as_past`: nobody waits for an officer, it takes what it took.
         */
        DeskAsked: {
            /** @default false */
            as_past: boolean;
            /** @default null */
            every_day: boolean | null;
            /** @default null */
            from_time: string | null;
            /** @default null */
            officers: number | null;
            role: string;
            /** @default null */
            to_time: string | null;
            /** @default null */
            unit: string | null;
        };
        /**
         * DevicePosition
         * @description Where a device was, in CGCS2000 degrees, and how far off that may be.
         */
        DevicePosition: {
            /** @default null */
            accuracy_m: number | null;
            lat: number;
            lon: number;
        };
        /** Duplicate */
        Duplicate: {
            class?: string | null;
            distance_m: number | null;
            evidence: components["schemas"]["FieldEvidence"][];
            id: string;
            number: string;
            /** Format: date-time */
            opened_at: string;
            probability: number;
            stage: string;
            state: string;
            title: string | null;
        };
        /**
         * ElementAsked
         * @description What is assumed of an element: the mean of the working time that it takes, and how often what is chosen.
         */
        ElementAsked: {
            element: string;
            /** @default null */
            minutes: number | null;
            /** @default [] */
            shares: components["schemas"]["ChoiceShare"][];
        };
        /** FieldEvidence */
        FieldEvidence: {
            bits: number;
            field: string;
            title: string;
            words: string;
        };
        /** FieldShown */
        FieldShown: {
            choices: [
                string,
                string
            ][];
            kind: string;
            name: string;
            required: boolean;
            title: string;
            value: unknown;
        };
        /** FoundBox */
        FoundBox: {
            height: number;
            /** @enum {string} */
            what: "face" | "plate";
            width: number;
            x: number;
            y: number;
        };
        /** HappeningShown */
        HappeningShown: {
            /** Format: date-time */
            at: string;
            by: string;
            element: string | null;
            facts: {
                [key: string]: unknown;
            };
            id: number;
            note: string | null;
            outcome: string | null;
            party: string | null;
            title: string;
            what: string;
        };
        /**
         * LearnAsked
         * @description The procedure whose past cases are to be learned from.
         */
        LearnAsked: {
            procedure: string;
        };
        /** LearnedFrom */
        LearnedFrom: {
            by_merges: number;
            cases: number;
            classes: components["schemas"]["Measured"] | null;
            /** Format: date-time */
            first_at: string;
            inputs: string;
            /** Format: date-time */
            last_at: string;
            /** Format: date-time */
            made_at: string;
            procedure: string;
            units: components["schemas"]["Measured"] | null;
            units_by_class: components["schemas"]["Measured"] | null;
            version: number;
        };
        /**
         * LimitAsked
         * @description A limit as it would be, for the classes that begin so; the longest prefix holds.
         */
        LimitAsked: {
            amount: number;
            /** @default  */
            class_prefix: string;
            clock: string;
            /** @default false */
            same_time: boolean;
            /** @enum {unknown} */
            unit: "calendar_days" | "months" | "urgent_hours" | "work_days" | "work_hours";
        };
        /**
         * LinkCase
         * @description What belongs to a case: `kind` is thing, record, document, case or another word.
         */
        LinkCase: {
            kind: string;
            target: string;
            /** @default  */
            title: string;
        };
        /** LinkShown */
        LinkShown: {
            kind: string;
            target: string;
            title: string;
        };
        /**
         * MarkCase
         * @description Marks to be set or taken away, and why.
         */
        MarkCase: {
            note: string;
            /** @default null */
            supervised: boolean | null;
            /** @default null */
            urgent: boolean | null;
        };
        /** Measured */
        Measured: {
            cases: number;
            top: number;
            top_3: number;
            usual: number;
            usual_3: number;
        };
        /**
         * MergeCase
         * @description The case that another is about as well, and why.
         */
        MergeCase: {
            into: string;
            note: string;
        };
        /** Moved */
        Moved: {
            cases: components["schemas"]["MovedCase"][];
            dry_run: boolean;
            name: string;
            version: number;
        };
        /** MovedCase */
        MovedCase: {
            before: number;
            id: string;
            moved: boolean;
            number: string;
            why?: string | null;
        };
        /**
         * NewCase
         * @description A case to be opened. Positions are longitude and latitude in CGCS2000 degrees.
         */
        NewCase: {
            /** @default null */
            class: string | null;
            /** @default null */
            contact: string | null;
            /** @default {} */
            data: Record<string, never>;
            /** @default null */
            description: string | null;
            /** @default null */
            district: string | null;
            /** @default null */
            location: [
                number,
                number
            ] | null;
            /** @default null */
            owner: string | null;
            /** @default null */
            place: string | null;
            procedure: string;
            /** @default desk */
            source: string;
            title: string;
            /** @default false */
            urgent: boolean;
        };
        /**
         * NewRedaction
         * @description What is covered in a copy of a photo. `looked` is the word of a person who looked at the whole photo: nothing else of it
         *         shows a face or a plate. Without a title it is one that says nothing of anybody.
         */
        NewRedaction: {
            boxes: components["schemas"]["CoveredBox"][];
            /** @enum {unknown} */
            looked: true;
            /** @default null */
            title: string | null;
        };
        /** Opened */
        Opened: {
            id: string;
            number: string;
        };
        /** Page */
        Page: {
            cursor?: string | null;
            items: components["schemas"]["Record"][];
        };
        /**
         * PastAsked
         * @description Which past cases are learned from; `since` to before `until`, of 92 days at most. Without days: up to the newest case.
         */
        PastAsked: {
            /** @default null */
            class_prefix: string | null;
            /** @default null */
            district: string | null;
            /** @default null */
            procedure: string | null;
            /** @default null */
            since: string | null;
            /** @default null */
            until: string | null;
            /** @default null */
            version: number | null;
        };
        /** PastCase */
        PastCase: {
            closed_on: string | null;
            id: string;
            number: string;
            share: number;
        };
        /** PhotoSearch */
        PhotoSearch: {
            boxes: components["schemas"]["FoundBox"][];
            height: number;
            note: string;
            searched: boolean;
            width: number;
        };
        /** @description A problem document (RFC 9457) in the language of Accept-Language */
        Problem: {
            detail: string;
            errors?: {
                detail: string;
                /** @description A JSON Pointer (RFC 6901) */
                pointer: string;
            }[];
            /** @description The path that was asked */
            instance?: string;
            status: number;
            title: string;
            type: string;
        };
        /** ProcedureShown */
        ProcedureShown: {
            bpmn: string;
            drawing: string;
            fields: components["schemas"]["FieldShown"][];
            name: string;
            stages: [
                string,
                string
            ][];
            state: string;
            steps: components["schemas"]["ToldStep"][];
            title: string;
            version: number;
        };
        /** Record */
        Record: {
            created_at?: string | null;
            district?: string | null;
            ended_at?: string | null;
            id: string;
            owner?: string | null;
            relation: string;
            updated_at?: string | null;
            valid_from?: string | null;
            valid_to?: string | null;
            values: {
                [key: string]: unknown;
            };
            version?: number | null;
        };
        /**
         * Remark
         * @description A word that goes into the log.
         */
        Remark: {
            note: string;
        };
        /** RequestShown */
        RequestShown: {
            amount: number | null;
            answer: string | null;
            by: string;
            id: string;
            kind: string;
            /** Format: date-time */
            made_at: string;
            reason: string;
        };
        /** ShelvedAs */
        ShelvedAs: {
            name: string;
            version: number;
        };
        /** SimulatedBand */
        SimulatedBand: {
            high: number;
            low: number;
            mean: number;
        };
        /** SimulatedDesk */
        SimulatedDesk: {
            apart: number | null;
            busy: components["schemas"]["SimulatedBand"] | null;
            /** @enum {string} */
            by: "past" | "given" | "default";
            hours: string;
            officers: number | null;
            past_wait_hours: number | null;
            queue: components["schemas"]["SimulatedBand"];
            queue_by_day: components["schemas"]["SimulatedBand"][];
            role: string;
            role_title: string;
            tasks_per_day: components["schemas"]["SimulatedBand"];
            unit: string | null;
            unit_name: string | null;
            wait_hours: components["schemas"]["SimulatedBand"];
        };
        /** SimulatedElement */
        SimulatedElement: {
            element: string;
            minutes: number;
            /** @enum {string} */
            minutes_by: "past" | "given" | "default";
            role: string | null;
            shares: components["schemas"]["SimulatedShare"][];
            /** @enum {string} */
            shares_by: "past" | "given" | "default";
            times: number;
            title: string;
        };
        /** SimulatedShare */
        SimulatedShare: {
            choice: string;
            share: number;
            title: string;
        };
        /** Simulation */
        Simulation: {
            back_test: components["schemas"]["BackTest"] | null;
            bottleneck: number | null;
            cases: components["schemas"]["SimulatedBand"];
            clocks: string[];
            compared: components["schemas"]["Compared"][];
            desks: components["schemas"]["SimulatedDesk"][];
            elements: components["schemas"]["SimulatedElement"][];
            notes: string[];
            past_cases: number;
            procedure: string;
            runs: number;
            said: string;
            seconds: number;
            seed: number;
            /** Format: date */
            since: string;
            /** Format: date */
            until: string;
            version: number;
        };
        /**
         * SimulationAsked
         * @description What a version is tried out with: the past it is learned from, and what shall be otherwise.
         */
        SimulationAsked: {
            /** @default true */
            back_test: boolean;
            /** @default [] */
            desks: components["schemas"]["DeskAsked"][];
            /** @default [] */
            elements: components["schemas"]["ElementAsked"][];
            /** @default 1 */
            factor: number;
            /** @default [] */
            limits: components["schemas"]["LimitAsked"][];
            /**
             * @default {
             *       "class_prefix": null,
             *       "district": null,
             *       "procedure": null,
             *       "since": null,
             *       "until": null,
             *       "version": null
             *     }
             */
            past: components["schemas"]["PastAsked"];
            /** @default 20 */
            runs: number;
            /** @default 1 */
            seed: number;
        };
        /** SuggestedValue */
        SuggestedValue: {
            agree: number;
            cases: components["schemas"]["PastCase"][];
            looked_at: number;
            reasons: components["schemas"]["cases_suggesting_contracts_Reason"][];
            share: number;
            title: string;
            value: string;
        };
        /** Suggestions */
        Suggestions: {
            classes: components["schemas"]["SuggestedValue"][];
            duplicates: components["schemas"]["Duplicate"][];
            enough: boolean;
            learned: components["schemas"]["LearnedFrom"] | null;
            note: string;
            placed: boolean;
            units: components["schemas"]["SuggestedValue"][];
        };
        /**
         * TakeTask
         * @description Whose a task shall be: one's own account, a colleague's; null puts it back.
         */
        TakeTask: {
            /** @default null */
            to: string | null;
        };
        /** TaskShown */
        TaskShown: {
            assignee: string | null;
            assignee_name: string | null;
            choices: components["schemas"]["ChoiceShown"][];
            done_at: string | null;
            due_at: string | null;
            element: string;
            id: string;
            mine: boolean;
            /** Format: date-time */
            opened_at: string;
            outcome: string | null;
            party: string | null;
            party_name: string | null;
            role: string | null;
            state: string;
            title: string;
        };
        /** ToldStep */
        ToldStep: {
            element: string | null;
            number: string;
            text: string;
        };
        /**
         * TransferCase
         * @description The unit that a case goes to, and why.
         */
        TransferCase: {
            note: string;
            unit: string;
        };
        /**
         * TryDecision
         * @description What is said of a case that decisions are tried with.
         */
        TryDecision: {
            data: Record<string, never>;
            /** @default null */
            version: number | null;
        };
        /** Version */
        cases_contracts_Version: {
            live_at: string | null;
            /** Format: date-time */
            made_at: string;
            made_by: string;
            name: string;
            running: number;
            sha256: string;
            state: string;
            title: string;
            version: number;
        };
        /** Asked */
        cases_routes_desk_Asked: {
            id: string;
        };
        /** Reason */
        cases_suggesting_contracts_Reason: {
            bits: number;
            family: string;
            times: number;
            title: string;
            value: string;
        };
    };
    responses: {
        /** @description The input cannot be read · 无法读取输入 */
        400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Sign in first · 请先登录 */
        401: {
            headers: {
                "www-authenticate": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not allowed · 没有权限 */
        403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not found · 未找到 */
        404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description In conflict with the present state · 与现状冲突 */
        409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Somebody else changed it first · 数据已被他人修改 */
        412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too large · 内容过大 */
        413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The input breaks a rule · 输入不符合规则 */
        422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests · 请求过多 */
        429: {
            headers: {
                "retry-after": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Internal error · 内部错误 */
        500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not available at the moment · 暂时不可用 */
        503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    CaseLogXes: {
        parameters: {
            query?: {
                filter?: string[];
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Stream Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/xml": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CaseSuggestionsOfNew: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskedFor"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suggestions"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CaseUnitsUnits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseUnit"][];
                };
            };
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesOpenCase: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCase"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Opened"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseShown"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdDocumentsDocumentsOf: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDocument"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdDocumentsAttach: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttachDocument"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttachDocument"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdDocumentsDocumentIdContentDocument: {
        parameters: {
            query?: {
                inline?: boolean;
            };
            header?: never;
            path: {
                id: string;
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/ofd": unknown;
                    "application/pdf": unknown;
                    "application/vnd.oasis.opendocument.spreadsheet": unknown;
                    "application/vnd.oasis.opendocument.text": unknown;
                    "application/vnd.openxmlformats-officedocument.presentationml.presentation": unknown;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": unknown;
                    "application/zip": unknown;
                    "image/jpeg": unknown;
                    "image/png": unknown;
                    "image/webp": unknown;
                    "text/csv": unknown;
                    "text/plain": unknown;
                    "video/mp4": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdDocumentsDocumentIdRedactionSearchPhoto: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotoSearch"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdDocumentsDocumentIdRedactionWithdraw: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDocument"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdDocumentsDocumentIdRedactionsRedact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                document_id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRedaction"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDocument"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdDocumentsDocumentIdThumbnailThumbnail: {
        parameters: {
            query?: {
                size?: number;
            };
            header?: never;
            path: {
                id: string;
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdLinksLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkCase"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkCase"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdLinksUnlink: {
        parameters: {
            query: {
                kind: string;
                target: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdMarksMark: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["MarkCase"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkCase"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdMergedIntoMerge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeCase"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MergeCase"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdNotesNote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Remark"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Remark"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdReopeningsReopen: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Remark"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Remark"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdRequestsAsk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskFor"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["cases_routes_desk_Asked"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdRequestsRequestIdAnswerAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                request_id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerRequest"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswerRequest"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdSuggestionsOfCase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suggestions"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdSuspensionSuspend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Remark"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Remark"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdSuspensionResume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    CasesIdUnitTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TransferCase"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferCase"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DecisionChecksCheckDecision: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedDecision"];
                };
            };
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DecisionsDecisionVersions: {
        parameters: {
            query?: {
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionVersion"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DecisionsShelveDecision: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShelvedAs"];
                };
            };
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DecisionsNameLiveDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionShown"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DecisionsNameAnswersTryDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TryDecision"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionAnswer"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DecisionsNameLiveVersionMakeDecisionLive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShelvedAs"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DecisionsNameVersionsDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionShown"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    InboxInbox: {
        parameters: {
            query?: {
                filter?: string[];
                sort?: string;
                cursor?: string;
                limit?: number;
                mine?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProcedureChecksCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedProcedure"];
                };
            };
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProceduresVersions: {
        parameters: {
            query?: {
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["cases_contracts_Version"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProceduresShelve: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShelvedAs"];
                };
            };
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProceduresNameLive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcedureShown"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProceduresNameLiveVersionMakeLive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShelvedAs"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProceduresNameVersionsProcedure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcedureShown"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProceduresNameVersionsMovesMove: {
        parameters: {
            query?: {
                dry_run?: boolean;
            };
            header?: never;
            path: {
                name: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Moved"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    ProceduresNameVersionsSimulationsSimulate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: number;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulationAsked"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    SuggestionModelsModels: {
        parameters: {
            query?: {
                procedure?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LearnedFrom"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    SuggestionModelsOrder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["LearnAsked"];
            };
        };
        responses: {
            /** @description Request accepted, processing continues off-line */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LearnAsked"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    TaskActsActOnMany: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActOnMany"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActedOne"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    TasksIdActsAct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Act"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Acted"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    TasksIdAssigneeTake: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeTask"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TakeTask"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
}
