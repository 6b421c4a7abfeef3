// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/indicator-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check an indicator
         * @description Say what is in the way of an indicator, or what it would be in plain words. Nothing is kept.
         */
        post: operations["IndicatorChecksCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicator-computations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compute indicators
         * @description Compute indicators now and freeze what comes out. What comes out as before is not kept twice.
         */
        post: operations["IndicatorComputationsCompute"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicator-computations/{id}/checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compute a figure again
         * @description Make a computation again as things were known then, and say whether it is the same. Nothing is kept.
         */
        post: operations["IndicatorComputationsIdChecksAgain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicator-computations/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The rows behind a figure
         * @description The rows behind one of a figure's counts, as known when it was computed; `hidden` are those one may not see.
         */
        get: operations["IndicatorComputationsIdRowsBehind"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicator-sheets/{module}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The indicators of a module side by side
         * @description A table of a module's indicators in one period: a line for each area, unit or post, as `by` says.
         */
        get: operations["IndicatorSheetsModuleSheet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Indicators
         * @description The indicators whose figures the caller may read, with their expressions in plain words.
         */
        get: operations["IndicatorsIndicators"];
        put?: never;
        /**
         * Keep an indicator
         * @description Keep a version of an indicator as a draft; somebody else makes it live.
         */
        post: operations["IndicatorsKeep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicators/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One indicator
         * @description What an indicator means, how it is computed, and what it is graded by.
         */
        get: operations["IndicatorsNameIndicator"];
        put?: never;
        post?: never;
        /**
         * Withdraw an indicator
         * @description It is not computed any more; its figures stay.
         */
        delete: operations["IndicatorsNameWithdraw"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicators/{name}/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The figures of an indicator
         * @description What an indicator came to in a period (`2026`, `2026-Q4`, `2026-11`, `2026-W48`, `2026-11-27`), by a breakdown.
         */
        get: operations["IndicatorsNameFiguresFigures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicators/{name}/live/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Make an indicator live
         * @description A version holds from now on; it takes somebody other than who wrote it.
         */
        put: operations["IndicatorsNameLiveVersionApprove"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicators/{name}/trend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The trend of an indicator
         * @description The figures of a cell in the periods up to one, the oldest first.
         */
        get: operations["IndicatorsNameTrendTrend"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/indicators/{name}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions of an indicator
         * @description The versions that people keep, the newest first, with who wrote and who approved them.
         */
        get: operations["IndicatorsNameVersionsVersions"];
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
        /** Behind */
        Behind: {
            columns: components["schemas"]["BehindColumn"][];
            hidden: number;
            more: boolean;
            relation: string;
            relation_title: string;
            rows: {
                [key: string]: unknown;
            }[];
            told: string;
            total: number;
        };
        /** BehindColumn */
        BehindColumn: {
            name: string;
            title: string;
            type: string;
        };
        /**
         * Breakdown
         * @description By what figures may be told apart: a field of every Relation of the expression, or its first characters.
         */
        Breakdown: {
            en: string;
            field: string;
            /** @default null */
            first: number | null;
            name: string;
            /** @default plain */
            names: components["schemas"]["Names"];
            zh: string;
        };
        /** BreakdownShown */
        BreakdownShown: {
            name: string;
            title: string;
        };
        /** ComputationShown */
        ComputationShown: {
            by: string;
            checksum: string;
            complete: boolean;
            /** Format: date-time */
            computed_at: string;
            definition: string;
            /** Format: date */
            ends_on: string;
            id: string;
            indicator: string;
            /** Format: date-time */
            known_at: string;
            period: string;
            rows: number | null;
            /** Format: date */
            starts_on: string;
        };
        /** Computed */
        Computed: {
            computations: string[];
        };
        /**
         * Cycle
         * @description What is looked at at once, in the city's own time. Weeks begin on Monday (ISO 8601).
         * @enum {unknown}
         */
        Cycle: "day" | "month" | "quarter" | "week" | "year";
        /**
         * Direction
         * @description Which way is better.
         * @enum {unknown}
         */
        Direction: "less" | "more" | "target";
        /** FigureShown */
        FigureShown: {
            cell: string;
            counts: (number | null)[];
            denominator: number | null;
            grade: string | null;
            numerator: number | null;
            title: string;
            value: number | null;
        };
        /** Figures */
        Figures: {
            computation: components["schemas"]["ComputationShown"] | null;
            earlier: components["schemas"]["ComputationShown"][];
            figures: components["schemas"]["FigureShown"][];
            indicator: components["schemas"]["IndicatorShown"];
        };
        /**
         * Grade
         * @description A grade: of values of at least `limit`, at most where less is better, off by at most where there is a target.
         *
         *         Of several the first that fits. Without a limit it is for all others.
         */
        Grade: {
            code: string;
            colour: string;
            en: string;
            /** @default null */
            limit: number | null;
            zh: string;
        };
        /** GradeShown */
        GradeShown: {
            code: string;
            colour: string;
            limit: number | null;
            title: string;
        };
        /**
         * Indicator
         * @description An indicator, as a module declares it or people keep it. `name` is `<module>.<noun>`.
         *
         *         `unit` is a UN/CEFACT common code; `source` the standard it follows, or says that it is the city's own.
         */
        Indicator: {
            /** @default [] */
            breakdowns: components["schemas"]["Breakdown"][];
            /** @default more */
            direction: components["schemas"]["Direction"];
            en: string;
            expression: string;
            /** @default [] */
            grades: components["schemas"]["Grade"][];
            meaning_en: string;
            meaning_zh: string;
            name: string;
            /**
             * @default [
             *       "month"
             *     ]
             */
            periods: components["schemas"]["Cycle"][];
            source_en: string;
            source_zh: string;
            /** @default null */
            target: number | null;
            /** @default C62 */
            unit: string;
            zh: string;
        };
        /** IndicatorShown */
        IndicatorShown: {
            breakdowns: components["schemas"]["BreakdownShown"][];
            declared: boolean;
            direction: components["schemas"]["Direction"];
            expression: string;
            grades: components["schemas"]["GradeShown"][];
            meaning: string;
            name: string;
            periods: components["schemas"]["Cycle"][];
            source: string;
            target: number | null;
            title: string;
            told: string[];
            unit: string;
            version?: number | null;
        };
        /** IndicatorVersion */
        IndicatorVersion: {
            approved_by: string | null;
            indicator: components["schemas"]["Indicator"];
            /** Format: date-time */
            made_at: string;
            made_by: string;
            name: string;
            state: string;
            version: number;
        };
        /** KeptIndicator */
        KeptIndicator: {
            name: string;
            version: number;
        };
        /**
         * Names
         * @description What the values of a breakdown are, so that they can be named; and whose the figure is then.
         * @enum {unknown}
         */
        Names: "area" | "code" | "party" | "plain" | "role";
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
        /** Recomputed */
        Recomputed: {
            checksum_same: boolean;
            differing: string[];
            id: string;
            rows: number;
            same: boolean;
        };
        /** Sheet */
        Sheet: {
            breakdowns: components["schemas"]["BreakdownShown"][];
            by: string;
            columns: components["schemas"]["SheetColumn"][];
            /** Format: date */
            ends_on: string;
            may_compute: boolean;
            module: string;
            period: string;
            rows: components["schemas"]["SheetRow"][];
            /** Format: date */
            starts_on: string;
        };
        /** SheetColumn */
        SheetColumn: {
            computation: components["schemas"]["ComputationShown"] | null;
            indicator: components["schemas"]["IndicatorShown"];
        };
        /** SheetRow */
        SheetRow: {
            cell: string;
            figures: (components["schemas"]["FigureShown"] | null)[];
            title: string;
        };
        /**
         * ToCompute
         * @description What is to be computed: indicators, the period, and by what, if by one breakdown alone.
         */
        ToCompute: {
            /** @default null */
            by: string | null;
            indicators: string[];
            period: string;
        };
        /** TrendPoint */
        TrendPoint: {
            grade: string | null;
            period: string;
            value: number | null;
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
    IndicatorChecksCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Indicator"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IndicatorShown"];
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
    IndicatorComputationsCompute: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ToCompute"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Computed"];
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
    IndicatorComputationsIdChecksAgain: {
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
                    "application/json": components["schemas"]["Recomputed"];
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
    IndicatorComputationsIdRowsBehind: {
        parameters: {
            query?: {
                cell?: string;
                number?: number;
                limit?: number;
            };
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
                    "application/json": components["schemas"]["Behind"];
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
    IndicatorSheetsModuleSheet: {
        parameters: {
            query: {
                period: string;
                by?: string;
            };
            header?: never;
            path: {
                module: string;
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
                    "application/json": components["schemas"]["Sheet"];
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
    IndicatorsIndicators: {
        parameters: {
            query?: {
                module?: string;
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
                    "application/json": components["schemas"]["IndicatorShown"][];
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
    IndicatorsKeep: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Indicator"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptIndicator"];
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
    IndicatorsNameIndicator: {
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
                    "application/json": components["schemas"]["IndicatorShown"];
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
    IndicatorsNameWithdraw: {
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
    IndicatorsNameFiguresFigures: {
        parameters: {
            query: {
                period: string;
                by?: string;
                computation?: string;
            };
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
                    "application/json": components["schemas"]["Figures"];
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
    IndicatorsNameLiveVersionApprove: {
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
                    "application/json": components["schemas"]["KeptIndicator"];
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
    IndicatorsNameTrendTrend: {
        parameters: {
            query: {
                period: string;
                by?: string;
                cell?: string;
                last?: number;
            };
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
                    "application/json": components["schemas"]["TrendPoint"][];
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
    IndicatorsNameVersionsVersions: {
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
                    "application/json": components["schemas"]["IndicatorVersion"][];
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
}
