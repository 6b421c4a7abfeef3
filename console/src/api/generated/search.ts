// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search
         * @description Rows of all Relations that hold every word, in Chinese, English, pinyin or initials; the best first.
         *
         *     `kind` is a Relation's name and may be repeated; what lies in `bbox` (west,south,east,north) comes first.
         */
        get: operations["SearchSearch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/search/suggest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Suggestions while typing
         * @description Rows whose titles or codes hold what was typed so far.
         */
        get: operations["SearchSuggestSuggest"];
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
        /** Found */
        Found: {
            cursor?: string | null;
            items: components["schemas"]["Hit"][];
        };
        /** Hit */
        Hit: {
            district?: string | null;
            id: string;
            kind: string;
            lat?: number | null;
            lon?: number | null;
            relation: string;
            snippet?: string | null;
            snippet_marks?: components["schemas"]["search_logic_matching_Mark"][];
            title: string;
            title_marks: components["schemas"]["search_logic_matching_Mark"][];
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
        /** Mark */
        search_logic_matching_Mark: {
            end: number;
            start: number;
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
    SearchSearch: {
        parameters: {
            query: {
                q: string;
                kind?: string[];
                district?: string;
                bbox?: string;
                limit?: number;
                cursor?: string;
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
                    "application/json": components["schemas"]["Found"];
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
    SearchSuggestSuggest: {
        parameters: {
            query: {
                q: string;
                kind?: string[];
                district?: string;
                bbox?: string;
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
                    "application/json": components["schemas"]["Hit"][];
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
}
