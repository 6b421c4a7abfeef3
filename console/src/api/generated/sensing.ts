// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/sensing/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages laid aside
         * @description Messages that could not be taken in, newest first.
         */
        get: operations["SensingDeadLettersDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try many again
         * @description Take dead letters of a thing, or with one reason, in again: at most 1,000, oldest first.
         */
        post: operations["SensingDeadLettersReplayReplayAll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Throw away
         * @description Throw a dead letter away.
         */
        delete: operations["SensingDeadLettersIdDiscard"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/dead-letters/{id}/payload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Its bytes
         * @description What the thing sent, at most 64 KiB of it.
         */
        get: operations["SensingDeadLettersIdPayloadDeadLetterPayload"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/dead-letters/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try again
         * @description Take a dead letter in again.
         */
        post: operations["SensingDeadLettersIdReplayReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/observations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report readings of many things
         * @description Take messages of many things in, for an application that may; answers after they are committed.
         *
         *     200 when all were taken in, 207 when some were refused: those are laid aside as dead letters, unless they are
         *     of things that the caller may not report for.
         */
        post: operations["SensingObservationsObserveMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/states": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many things are in which state
         * @description Things counted by type and state: online, silent (three intervals overdue), offline, never.
         *
         *     `district` and `text` choose among them as for the list of things.
         */
        get: operations["SensingStatesStates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/things": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How things are doing
         * @description Things with their state, last reading and error counters, by id.
         *
         *     Of one state, type or district (a code of GB/T 2260 or the beginning of one), with a text in their id or a
         *     name, or those named. `after` is the last id of the page before.
         */
        get: operations["SensingThingsThings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/things/{thing}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A thing's commands
         * @description Commands of a thing, newest first.
         */
        get: operations["SensingThingsCommandsCommands"];
        put?: never;
        /**
         * Command a thing
         * @description Queue a command; it is sent over MQTT and its acknowledgement or time-out is kept.
         */
        post: operations["SensingThingsCommandsCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/things/{thing}/observations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report readings
         * @description Take readings in, as JSON or SenML; answers after they are committed.
         *
         *     A thing signs with its own token (`Authorization: Bearer yd_…`, or Basic with its id and the token); others
         *     need `sensing.report`.
         */
        post: operations["SensingThingsObservationsObserve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/things/{thing}/words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enrol for a device protocol
         * @description Let a thing in at a device protocol's listener: answers with the word it has to say, shown once.
         */
        post: operations["SensingThingsWordsEnrol"];
        /**
         * Dismiss from the device protocols
         * @description Let a thing in at no device protocol's listener any more; its connections end.
         */
        delete: operations["SensingThingsWordsDismiss"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sensing/types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Types of things
         * @description The types of things that the install knows: what they report, and the commands that they understand.
         *
         *     Titles are in both languages. Things of other types may be registered too; they are shown by their bare names.
         */
        get: operations["SensingTypesTypes"];
        put?: never;
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
        /** Argument */
        Argument: {
            /** @default [] */
            choices: components["schemas"]["Choice"][];
            maximum?: number | null;
            minimum?: number | null;
            name: string;
            /** @default true */
            required: boolean;
            /** @default false */
            several: boolean;
            title: components["schemas"]["Text"];
            /**
             * @default text
             * @enum {string}
             */
            type: "text" | "integer" | "time";
            /** @default  */
            unit: string;
        };
        /** Attribute */
        Attribute: {
            /** @default [] */
            bands: components["schemas"]["Band"][];
            meaning: components["schemas"]["Text"];
            name: string;
            /** @default  */
            unit: string;
        };
        /** Band */
        Band: {
            colour: string;
            title: components["schemas"]["Text"];
            upper: number | null;
        };
        /** Choice */
        Choice: {
            title: components["schemas"]["Text"];
            value: string | number;
        };
        /** Command */
        Command: {
            answer?: {
                [key: string]: unknown;
            } | null;
            arguments: {
                [key: string]: unknown;
            };
            /** @default 0 */
            attempts: number;
            by: string;
            /** Format: date-time */
            created_at: string;
            ended_at?: string | null;
            /** Format: date-time */
            expires_at: string;
            id: string;
            name: string;
            sent_at?: string | null;
            state: string;
            thing: string;
        };
        /** CommandType */
        CommandType: {
            /** @default [] */
            arguments: components["schemas"]["Argument"][];
            careful?: components["schemas"]["Text"] | null;
            name: string;
            title: components["schemas"]["Text"];
        };
        /** CommitResult */
        CommitResult: {
            /** @default 0 */
            observations: number;
            /** @default [] */
            refused: components["schemas"]["Refusal"][];
            /** @default 0 */
            repeated: number;
        };
        /** DeadLetter */
        DeadLetter: {
            adapter: string;
            /** Format: date-time */
            at: string;
            code: string;
            id: number;
            reason: components["schemas"]["Text"];
            replayed_at?: string | null;
            size: number;
            thing: string;
        };
        /** EnrolledWord */
        EnrolledWord: {
            listener: string;
            thing: string;
            word: string;
        };
        /**
         * Item
         * @description A message of one thing: `data` is a payload of `format`, json or senml.
         */
        Item: {
            data: Record<string, never> | unknown[];
            /** @default json */
            format: string;
            thing: string;
        };
        /**
         * Items
         * @description Messages of many things.
         */
        Items: {
            messages: components["schemas"]["Item"][];
        };
        /**
         * NewCommand
         * @description A command to a thing.
         */
        NewCommand: {
            /** @default {} */
            arguments: Record<string, never>;
            name: string;
            /** @default 60 */
            timeout_s: number;
        };
        /**
         * NewWord
         * @description A thing to be let in at a listener, with the password it has, or with a new one.
         */
        NewWord: {
            listener: string;
            /** @default null */
            word: string | null;
        };
        /** Outcome */
        Outcome: {
            observations: number;
            refused: components["schemas"]["Wrong"][];
            repeated: number;
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
        /** Refusal */
        Refusal: {
            code: string;
            index: number;
            /** @default [] */
            problems: components["schemas"]["Problem"][];
            reason: components["schemas"]["Text"];
            thing: string;
        };
        /** Replayed */
        Replayed: {
            refused: number;
            taken: number;
        };
        /** StateCount */
        StateCount: {
            state: string;
            things: number;
            type: string;
        };
        /** Text */
        Text: {
            en: string;
            zh: string;
        };
        /** ThingState */
        ThingState: {
            district: string | null;
            errors: number;
            last_seen_at: string | null;
            name_en: string | null;
            name_zh: string | null;
            readings: number;
            repeated: number;
            source: string | null;
            state: string;
            thing: string;
            type: string;
            violations: number;
        };
        /** ThingType */
        ThingType: {
            attributes: components["schemas"]["Attribute"][];
            /** @default [] */
            commands: components["schemas"]["CommandType"][];
            entity_type: string;
            /** @default 300 */
            interval_s: number;
            name: string;
            title: components["schemas"]["Text"];
        };
        /** Wrong */
        Wrong: {
            code: string;
            detail: string;
            errors: {
                [key: string]: string;
            }[];
            index: number;
            thing: string;
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
    SensingDeadLettersDeadLetters: {
        parameters: {
            query?: {
                thing?: string;
                before?: number | "null";
                limit?: number;
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
                    "application/json": components["schemas"]["DeadLetter"][];
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
    SensingDeadLettersReplayReplayAll: {
        parameters: {
            query?: {
                thing?: string;
                code?: string;
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
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    SensingDeadLettersIdDiscard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
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
    SensingDeadLettersIdPayloadDeadLetterPayload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
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
                    "application/octet-stream": string;
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
    SensingDeadLettersIdReplayReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
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
                    "application/json": components["schemas"]["CommitResult"];
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
    SensingObservationsObserveMany: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Items"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outcome"];
                };
            };
            /** @description Some messages were refused */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outcome"];
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
    SensingStatesStates: {
        parameters: {
            query?: {
                district?: string;
                text?: string;
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
                    "application/json": components["schemas"]["StateCount"][];
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
    SensingThingsThings: {
        parameters: {
            query?: {
                state?: "never" | "offline" | "silent" | "online" | null;
                type?: string;
                district?: string;
                text?: string;
                thing?: string[];
                after?: string;
                limit?: number;
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
                    "application/json": components["schemas"]["ThingState"][];
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
    SensingThingsCommandsCommands: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path: {
                thing: string;
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
                    "application/json": components["schemas"]["Command"][];
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
    SensingThingsCommandsCommand: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                thing: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCommand"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
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
    SensingThingsObservationsObserve: {
        parameters: {
            query?: never;
            header?: {
                Authorization?: string;
            };
            path: {
                thing: string;
            };
            cookie?: never;
        };
        /** @description At most 262144 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never> | unknown[];
                "application/senml+json": Record<string, never> | unknown[];
            };
        };
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
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    SensingThingsWordsEnrol: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                thing: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWord"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolledWord"];
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
    SensingThingsWordsDismiss: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                thing: string;
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
    SensingTypesTypes: {
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
                    "application/json": components["schemas"]["ThingType"][];
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
}
