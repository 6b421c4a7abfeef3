// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was, of many
         * @description Observations of the entities of a type, or that are now in a box (west,south,east,north), newest first.
         */
        get: operations["HistoryObservationsOfMany"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/history/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was, as a file
         * @description Observations within [from, to) as CSV, Parquet or an Arrow stream, at most twenty million.
         */
        get: operations["HistoryExportExported"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/history/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the numbers come to
         * @description Count, min, max, avg, sum, stddev and percentiles within [from, to), by period (in China) and group.
         */
        get: operations["HistoryStatisticsMeasured"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/history/{entity_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was
         * @description Observations of an entity within [from, to), newest first; with `last` so many of each attribute.
         */
        get: operations["HistoryEntityIdObservations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/history/{entity_id}/chart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Few readings that look like all
         * @description An entity's numbers within [from, to), each series drawn with at most so many points.
         */
        get: operations["HistoryEntityIdChartCharted"];
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
        /** Chart */
        Chart: {
            attribute: string;
            dataset: string | null;
            entity: string;
            points: components["schemas"]["ChartPoint"][];
            unit: string | null;
        };
        /**
         * ChartPoint
         * @description A moment and a number.
         */
        ChartPoint: [
            string,
            number
        ];
        /**
         * ExportFormat
         * @description What a file may be.
         * @default csv
         * @enum {string}
         */
        ExportFormat: "csv" | "parquet" | "arrow";
        /**
         * Grouping
         * @description What is measured together, always apart by attribute and unit.
         *
         *         `GROUP` is a group of things: a thing of two groups counts in both, one of none in none of a name.
         * @default all
         * @enum {string}
         */
        Grouping: "all" | "entity" | "type" | "district" | "group";
        /**
         * Measure
         * @description What is said of a period's numbers. The deviation is that of the whole population.
         * @enum {string}
         */
        Measure: "count" | "min" | "max" | "avg" | "sum" | "stddev";
        /**
         * Period
         * @description How long a period is. Weeks begin on Monday.
         * @enum {string}
         */
        Period: "minute" | "quarter-hour" | "hour" | "day" | "week" | "month";
        /** Point */
        Point: {
            attribute: string;
            dataset?: string | null;
            entity: string;
            /** Format: date-time */
            observed_at: string;
            unit?: string | null;
            value: unknown;
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
        /**
         * Sampling
         * @description How a chart's points are chosen; all keep what the eye sees.
         * @default minmaxlttb
         * @enum {string}
         */
        Sampling: "lttb" | "minmaxlttb" | "m4";
        /** Statistic */
        Statistic: {
            attribute: string;
            avg?: number | null;
            count: number;
            group: string | null;
            max?: number | null;
            min?: number | null;
            percentiles?: {
                [key: string]: number;
            };
            start: string | null;
            stddev?: number | null;
            sum?: number | null;
            unit: string | null;
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
    HistoryObservationsOfMany: {
        parameters: {
            query?: {
                type?: string;
                bbox?: string;
                attribute?: string[];
                from?: string | "null";
                to?: string | "null";
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
                    "application/json": components["schemas"]["Point"][];
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
    HistoryExportExported: {
        parameters: {
            query: {
                from: string;
                to: string;
                entity?: string[];
                type?: string;
                district?: string;
                bbox?: string;
                in_group?: string;
                attribute?: string[];
                /** @description What a file may be. */
                format?: components["schemas"]["ExportFormat"];
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
                    "application/vnd.apache.arrow.stream": unknown;
                    "application/vnd.apache.parquet": unknown;
                    "text/csv": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    HistoryStatisticsMeasured: {
        parameters: {
            query: {
                from: string;
                to: string;
                entity?: string[];
                type?: string;
                district?: string;
                bbox?: string;
                in_group?: string;
                attribute?: string[];
                period?: components["schemas"]["Period"] | "null";
                /**
                 * @description What is measured together, always apart by attribute and unit.
                 *
                 *         `GROUP` is a group of things: a thing of two groups counts in both, one of none in none of a name.
                 */
                group?: components["schemas"]["Grouping"];
                measure?: components["schemas"]["Measure"][];
                percentile?: number[];
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
                    "application/json": components["schemas"]["Statistic"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    HistoryEntityIdObservations: {
        parameters: {
            query?: {
                attribute?: string[];
                from?: string | "null";
                to?: string | "null";
                limit?: number;
                last?: number | "null";
            };
            header?: never;
            path: {
                entity_id: string;
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
                    "application/json": components["schemas"]["Point"][];
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
    HistoryEntityIdChartCharted: {
        parameters: {
            query: {
                from: string;
                to: string;
                attribute?: string[];
                points?: number;
                /** @description How a chart's points are chosen; all keep what the eye sees. */
                sampling?: components["schemas"]["Sampling"];
            };
            header?: never;
            path: {
                entity_id: string;
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
                    "application/json": components["schemas"]["Chart"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
}
