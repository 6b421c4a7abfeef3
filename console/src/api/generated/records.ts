// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Relations
         * @description The Relations of which the caller may read something, with every field's meaning and labels.
         */
        get: operations["RecordsRelations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/records/{relation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A page of records
         * @description Records, filtered (`filter=name:prefix:宁`), sorted (`sort=-name`), in pages that `cursor` continues.
         */
        get: operations["RecordsRelationListing"];
        put?: never;
        /**
         * Make a record
         * @description A new record; sent again with the same Idempotency-Key it is made once.
         */
        post: operations["RecordsRelationCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/records/{relation}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export a file
         * @description Every record that the caller may see, masked as on the screen.
         */
        get: operations["RecordsRelationExportExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/records/{relation}/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import a file
         * @description All rows of the body, or none: the report lists every bad row. `dry_run=true` only looks.
         */
        post: operations["RecordsRelationImportImportFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/records/{relation}/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The form of a record
         * @description JSON Schema (draft 2020-12) of a record's values, with titles in both languages.
         */
        get: operations["RecordsRelationSchemaSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/records/{relation}/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One record
         * @description A record; `at` a day as the law sees it, `as_known_at` a moment as it was recorded.
         */
        get: operations["RecordsRelationIdRead"];
        put?: never;
        post?: never;
        /**
         * End a record
         * @description End a record; it stays in the history.
         */
        delete: operations["RecordsRelationIdEnd"];
        options?: never;
        head?: never;
        /**
         * Change a record
         * @description Change some values; 412 when somebody changed the record since `version`.
         */
        patch: operations["RecordsRelationIdUpdate"];
        trace?: never;
    };
    "/records/{relation}/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was recorded
         * @description The states of a record, newest first.
         */
        get: operations["RecordsRelationIdHistoryHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Take along
         * @description What a device does not hold yet of a parcel (`cityops.field`), and what it is to forget: what its bearer may see.
         */
        get: operations["SyncTakeAlong"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand in what was done away from the network
         * @description At most 100 changes, done in their order; each answers for itself. The same again does nothing.
         */
        post: operations["SyncChangesHandIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/conflicts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is to be decided
         * @description Both values, who said them and when; one's own, or with `everyone` those of all records that one may change.
         */
        get: operations["SyncConflictsConflicts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/conflicts/{id}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide a conflict
         * @description Which value stands. 412 when somebody changed the record since.
         */
        post: operations["SyncConflictsIdDecisionDecide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One's devices
         * @description Those that took something along, and when each was last heard of.
         */
        get: operations["SyncDevicesDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync/devices/{device}": {
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
         * Give a device up
         * @description It is lost or handed on: it is told to forget everything, and nothing is taken from it.
         */
        delete: operations["SyncDevicesGiveUp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** BadRow */
        BadRow: {
            column: string;
            reason: components["schemas"]["Text"];
            row: number;
        };
        /** Change */
        Change: {
            record: components["schemas"]["Record"];
            recorded_from: string;
            recorded_to?: string | null;
        };
        /**
         * ChangeRecord
         * @description A change of a record: the values that change and the version they were read at.
         */
        ChangeRecord: {
            /** @default null */
            valid_from: string | null;
            /** @default null */
            valid_to: string | null;
            values: Record<string, never>;
            version: number;
        };
        /** Column */
        Column: {
            en: string;
            level: string;
            name: string;
            personal: string;
            type: string;
            unit: string | null;
            zh: string;
        };
        /** ConflictShown */
        ConflictShown: {
            change: string;
            field: string | null;
            field_title: string | null;
            id: string;
            /** Format: date-time */
            kept_at: string;
            kind: string;
            /** Format: date-time */
            made_at: string;
            mine: unknown;
            mine_by: string;
            place: components["schemas"]["DevicePosition"] | null;
            record: string;
            relation: string;
            theirs: unknown;
            theirs_at: string | null;
            theirs_by: string | null;
            told: {
                [key: string]: unknown;
            };
            version: number | null;
        };
        /**
         * DecideConflict
         * @description Whose value stands: `mine` (what was handed in), `theirs` (what holds now), or another `value`. Unless `theirs`, the
         *         version of the record that was seen.
         */
        DecideConflict: {
            /** @enum {unknown} */
            choice: "mine" | "theirs" | "value";
            /** @default null */
            value: unknown;
            /** @default null */
            version: number | null;
        };
        /** DecidedConflict */
        DecidedConflict: {
            id: string;
            version: number | null;
        };
        /** Described */
        Described: {
            en: string;
            fields: components["schemas"]["Column"][];
            key: string[];
            name: string;
            zh: string;
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
        /** DeviceShown */
        DeviceShown: {
            device: string;
            /** Format: date-time */
            first_at: string;
            given_up: boolean;
            parcel: string;
            rows: number;
            /** Format: date-time */
            seen_at: string;
        };
        /** Fault */
        Fault: {
            detail: string;
            pointer: string;
        };
        /**
         * Format
         * @description File formats of import and export.
         * @default csv
         * @enum {string}
         */
        Format: "csv" | "xlsx" | "geojson" | "parquet";
        /** Gone */
        Gone: {
            id: string;
            relation: string;
        };
        /**
         * HandIn
         * @description Changes of a device in their order. Each has `id` (8 to 64 letters, digits, `-`, `_`; its own for good), `kind`,
         *         `made_at`, `body` after its kind, and where it is known `place` (`lon`, `lat`, `accuracy_m`).
         */
        HandIn: {
            changes: Record<string, never>[];
            device: string;
        };
        /** HandedIn */
        HandedIn: {
            /** @default false */
            again: boolean;
            conflicts?: string[];
            error?: string | null;
            errors?: components["schemas"]["Fault"][];
            id: string | null;
            /** @enum {string} */
            state: "done" | "merged" | "conflict" | "refused" | "later";
            told?: {
                [key: string]: unknown;
            };
        };
        /** ImportReport */
        ImportReport: {
            bad: components["schemas"]["BadRow"][];
            bad_total: number;
            dry_run: boolean;
            imported: number;
            rows: number;
        };
        /**
         * NewRecord
         * @description A record to be made.
         */
        NewRecord: {
            /** @default null */
            district: string | null;
            /** @default null */
            owner: string | null;
            /** @default null */
            valid_from: string | null;
            /** @default null */
            valid_to: string | null;
            values: Record<string, never>;
        };
        /** Page */
        Page: {
            cursor?: string | null;
            items: components["schemas"]["Record"][];
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
        /** Taken */
        Taken: {
            /** Format: date-time */
            at: string;
            cursor: string;
            full: boolean;
            gone: components["schemas"]["Gone"][];
            hold_hours: number;
            more: boolean;
            parcel: string;
            rows: components["schemas"]["Record"][];
            /** @default false */
            wipe: boolean;
        };
        /** Text */
        Text: {
            en: string;
            zh: string;
        };
        /** Versioned */
        Versioned: {
            id: string;
            version: number;
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
    RecordsRelations: {
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
                    "application/json": components["schemas"]["Described"][];
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
    RecordsRelationListing: {
        parameters: {
            query?: {
                filter?: string[];
                sort?: string;
                cursor?: string;
                limit?: number;
                at?: string | "null";
                as_known_at?: string | "null";
                ended?: boolean;
            };
            header?: never;
            path: {
                relation: string;
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
                    "application/json": components["schemas"]["Page"];
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
    RecordsRelationCreate: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path: {
                relation: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRecord"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
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
    RecordsRelationExportExport: {
        parameters: {
            query?: {
                /** @description File formats of import and export. */
                format?: components["schemas"]["Format"];
                filter?: string[];
            };
            header?: never;
            path: {
                relation: string;
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
                    "application/geo+json": unknown;
                    "application/vnd.apache.parquet": unknown;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
                    "text/csv": unknown;
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
    RecordsRelationImportImportFile: {
        parameters: {
            query?: {
                /** @description File formats of import and export. */
                format?: components["schemas"]["Format"];
                dry_run?: boolean;
            };
            header?: never;
            path: {
                relation: string;
            };
            cookie?: never;
        };
        /** @description At most 268435456 bytes */
        requestBody: {
            content: {
                "application/geo+json": string;
                "application/vnd.apache.parquet": string;
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "text/csv": string;
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReport"];
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
    RecordsRelationSchemaSchema: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                relation: string;
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
                    "application/json": {
                        [key: string]: unknown;
                    };
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
    RecordsRelationIdRead: {
        parameters: {
            query?: {
                at?: string | "null";
                as_known_at?: string | "null";
            };
            header?: never;
            path: {
                relation: string;
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
                    "application/json": components["schemas"]["Record"];
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
    RecordsRelationIdEnd: {
        parameters: {
            query: {
                version: number;
            };
            header?: never;
            path: {
                relation: string;
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
                    "application/json": components["schemas"]["Versioned"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            412: components["responses"]["412"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    RecordsRelationIdUpdate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                relation: string;
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeRecord"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Versioned"];
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
    RecordsRelationIdHistoryHistory: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path: {
                relation: string;
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
                    "application/json": components["schemas"]["Change"][];
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
    SyncTakeAlong: {
        parameters: {
            query: {
                parcel: string;
                device: string;
                cursor?: string;
                district?: string;
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
                    "application/json": components["schemas"]["Taken"];
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
    SyncChangesHandIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["HandIn"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HandedIn"][];
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
    SyncConflictsConflicts: {
        parameters: {
            query?: {
                everyone?: boolean;
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
                    "application/json": components["schemas"]["ConflictShown"][];
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
    SyncConflictsIdDecisionDecide: {
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
                "application/json": components["schemas"]["DecideConflict"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecidedConflict"];
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
    SyncDevicesDevices: {
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
                    "application/json": components["schemas"]["DeviceShown"][];
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
    SyncDevicesGiveUp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device: string;
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
}
