// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/board-cards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a card shows
         * @description What a card shows to the caller, whether it is on a board or not yet.
         */
        post: operations["BoardCardsAnswer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/boards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Boards
         * @description One's own boards and those shared with one, the newest first.
         */
        get: operations["BoardsBoards"];
        put?: never;
        /**
         * Make a board
         * @description A new board of one's own.
         */
        post: operations["BoardsMake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/boards/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One board
         * @description A board with its cards; what they show is asked card by card.
         */
        get: operations["BoardsIdBoard"];
        /**
         * Change a board
         * @description Change a board of one's own; 412 when it was changed since `version`.
         */
        put: operations["BoardsIdChange"];
        post?: never;
        /**
         * Delete a board
         * @description Delete a board of one's own; its links show nothing any more.
         */
        delete: operations["BoardsIdDrop"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/boards/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Links to a board
         * @description The links that are good, without their secrets.
         */
        get: operations["BoardsIdLinksLinks"];
        put?: never;
        /**
         * Make a link to a board
         * @description A link for a screen where nobody signs in; it shows the board as its maker may see it. Its secret is told once.
         */
        post: operations["BoardsIdLinksLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/boards/{id}/links/{link_id}": {
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
         * Revoke a link
         * @description Revoke a link to a board of one's own.
         */
        delete: operations["BoardsIdLinksLinkIdUnlink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/shown-board": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The board of a link
         * @description The board that a link's secret (`X-Board-Link`) shows; nobody needs to sign in.
         */
        get: operations["ShownBoardShown"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/shown-board/cards/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A card of the board of a link
         * @description What a card shows, counted from 0; screens of one link share an answer for five seconds.
         */
        get: operations["ShownBoardCardsNumberShownCard"];
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
        /** Board */
        Board: {
            by: string;
            cards: (components["schemas"]["MapCard"] | components["schemas"]["ChartCard"] | components["schemas"]["NumberCard"] | components["schemas"]["TableCard"] | components["schemas"]["ListCard"])[];
            id: string;
            mine: boolean;
            shared: components["schemas"]["Shared"];
            title: string;
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        /** BoardLink */
        BoardLink: {
            /** Format: date-time */
            created_at: string;
            id: string;
            secret?: string | null;
            title: string;
            /** Format: date-time */
            until: string;
            used_at: string | null;
        };
        /**
         * By
         * @description The period by which a line is summed up; raw: as it was reported, of a type by a period that suits the span.
         * @enum {unknown}
         */
        By: "day" | "hour" | "minute" | "month" | "quarter-hour" | "raw" | "week";
        /**
         * ChangedBoard
         * @description A board as it shall be, and the version it was read at.
         */
        ChangedBoard: {
            /** @default [] */
            cards: (components["schemas"]["MapCard"] | components["schemas"]["ChartCard"] | components["schemas"]["NumberCard"] | components["schemas"]["TableCard"] | components["schemas"]["ListCard"])[];
            /** @default nobody */
            shared: components["schemas"]["Shared"];
            title: string;
            version: number;
        };
        /** ChartAnswer */
        ChartAnswer: {
            /** @constant */
            kind: "chart";
            lines: components["schemas"]["Line"][];
            sources?: string[];
            title: string;
        };
        /**
         * ChartCard
         * @description Lines over a span: as reported, or summed up by a period (as those of a type always are).
         */
        ChartCard: {
            /** @default raw */
            by: components["schemas"]["By"];
            /** @default 2 */
            height: number;
            /** @enum {unknown} */
            kind: "chart";
            /** @default avg */
            said: components["schemas"]["Said"];
            series: components["schemas"]["Series"][];
            /** @default day */
            span: components["schemas"]["Span"];
            /** @default null */
            title: string | null;
            /** @default 2 */
            width: number;
        };
        /** DistrictOutline */
        DistrictOutline: {
            geometry: {
                [key: string]: unknown;
            };
            name: string;
        };
        /** KeptBoard */
        KeptBoard: {
            id: string;
            version: number;
        };
        /** Line */
        Line: {
            name: string;
            points: components["schemas"]["LinePoint"][];
            unit: string | null;
        };
        /**
         * LinePoint
         * @description A moment and a number.
         */
        LinePoint: [
            string,
            number
        ];
        /** ListAnswer */
        ListAnswer: {
            bands?: components["schemas"]["ValueBand"][];
            /** @constant */
            kind: "list";
            rows: components["schemas"]["Ranked"][];
            sources?: string[];
            title: string;
            unit?: string | null;
        };
        /**
         * ListCard
         * @description The things of a type in the order of what an attribute came to within a span, the highest first.
         */
        ListCard: {
            attribute: string;
            /** @default 2 */
            height: number;
            /** @enum {unknown} */
            kind: "list";
            /** @default false */
            lowest: boolean;
            /** @default 10 */
            rows: number;
            /** @default avg */
            said: components["schemas"]["Said"];
            /** @default hour */
            span: components["schemas"]["Span"];
            /** @default null */
            title: string | null;
            type: string;
            /** @default 2 */
            width: number;
        };
        /** Listed */
        Listed: {
            by: string;
            cards: number;
            id: string;
            mine: boolean;
            shared: components["schemas"]["Shared"];
            title: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** MapAnswer */
        MapAnswer: {
            bands?: components["schemas"]["ValueBand"][];
            /** @constant */
            kind: "map";
            outlines: components["schemas"]["DistrictOutline"][];
            places: components["schemas"]["PlacedThing"][];
            sources?: string[];
            title: string;
            /** @default false */
            truncated: boolean;
            unit?: string | null;
        };
        /**
         * MapCard
         * @description Where the things of some types are, coloured by an attribute where one is given.
         */
        MapCard: {
            /** @default null */
            attribute: string | null;
            /** @default 2 */
            height: number;
            /** @enum {unknown} */
            kind: "map";
            /** @default null */
            title: string | null;
            types: string[];
            /** @default 2 */
            width: number;
        };
        /**
         * NewBoard
         * @description A board to be made: its cards in their order.
         */
        NewBoard: {
            /** @default [] */
            cards: (components["schemas"]["MapCard"] | components["schemas"]["ChartCard"] | components["schemas"]["NumberCard"] | components["schemas"]["TableCard"] | components["schemas"]["ListCard"])[];
            /** @default nobody */
            shared: components["schemas"]["Shared"];
            title: string;
        };
        /**
         * NewBoardLink
         * @description A link to be made: what it is for, and for how many days it is good.
         */
        NewBoardLink: {
            /** @default 90 */
            days: number;
            title: string;
        };
        /** NumberAnswer */
        NumberAnswer: {
            at?: string | null;
            band?: components["schemas"]["ValueBand"] | null;
            /** @constant */
            kind: "number";
            sources?: string[];
            title: string;
            unit?: string | null;
            value: number | null;
        };
        /**
         * NumberCard
         * @description One number: the latest of a thing, or what a span's numbers come to.
         */
        NumberCard: {
            /** @default 2 */
            height: number;
            /** @enum {unknown} */
            kind: "number";
            /** @default latest */
            said: components["schemas"]["Said"];
            series: components["schemas"]["Series"];
            /** @default hour */
            span: components["schemas"]["Span"];
            /** @default null */
            title: string | null;
            /** @default 2 */
            width: number;
        };
        /**
         * Of
         * @description Whether a series is of one thing, or of all things of a type.
         * @enum {unknown}
         */
        Of: "thing" | "type";
        /**
         * Operator
         * @description How a filter compares. `prefix` and `contains` take TEXT; `bbox` takes west,south,east,north.
         * @enum {unknown}
         */
        Operator: "bbox" | "contains" | "eq" | "gt" | "gte" | "in" | "lt" | "lte" | "ne" | "null" | "prefix";
        /** PlacedThing */
        PlacedThing: {
            id: string;
            lat: number;
            lon: number;
            type: string;
            value: number | null;
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
        /** Ranked */
        Ranked: {
            id: string;
            name: string;
            value: number;
        };
        /**
         * Said
         * @description What is said of a span's numbers.
         * @enum {unknown}
         */
        Said: "avg" | "count" | "latest" | "max" | "min" | "sum";
        /**
         * Series
         * @description An attribute of a thing (by its code) or of all things of a type (by their entity type).
         */
        Series: {
            attribute: string;
            id: string;
            of: components["schemas"]["Of"];
        };
        /**
         * Shared
         * @description Who sees a board besides its maker; each sees in it what they may read.
         * @enum {unknown}
         */
        Shared: "department" | "everyone" | "nobody";
        /** Shown */
        Shown: {
            cards: (components["schemas"]["MapCard"] | components["schemas"]["ChartCard"] | components["schemas"]["NumberCard"] | components["schemas"]["TableCard"] | components["schemas"]["ListCard"])[];
            title: string;
            /** Format: date-time */
            until: string;
            version: number;
        };
        /**
         * Span
         * @description How far back a card looks.
         * @enum {unknown}
         */
        Span: "day" | "hour" | "month" | "week";
        /** TableAnswer */
        TableAnswer: {
            columns: components["schemas"]["TableColumn"][];
            /** @constant */
            kind: "table";
            more: boolean;
            relation: string;
            rows: unknown[][];
            sources?: string[];
            title: string;
        };
        /**
         * TableCard
         * @description Rows of a Relation.
         */
        TableCard: {
            columns: string[];
            /** @default [] */
            filters: components["schemas"]["TableFilter"][];
            /** @default 2 */
            height: number;
            /** @enum {unknown} */
            kind: "table";
            relation: string;
            /** @default 10 */
            rows: number;
            /** @default null */
            sort: string | null;
            /** @default null */
            title: string | null;
            /** @default 2 */
            width: number;
        };
        /** TableColumn */
        TableColumn: {
            name: string;
            title: string;
            type: string;
            unit: string | null;
        };
        /**
         * TableFilter
         * @description A filter of a table, as `GET /records/{relation}` has them.
         */
        TableFilter: {
            field: string;
            operator: components["schemas"]["Operator"];
            value: string;
        };
        /** ValueBand */
        ValueBand: {
            colour: string;
            title: string;
            upper: number | null;
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
    BoardCardsAnswer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["MapCard"] | components["schemas"]["ChartCard"] | components["schemas"]["NumberCard"] | components["schemas"]["TableCard"] | components["schemas"]["ListCard"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MapAnswer"] | components["schemas"]["ChartAnswer"] | components["schemas"]["NumberAnswer"] | components["schemas"]["TableAnswer"] | components["schemas"]["ListAnswer"];
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
    BoardsBoards: {
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
                    "application/json": components["schemas"]["Listed"][];
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
    BoardsMake: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBoard"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptBoard"];
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
    BoardsIdBoard: {
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
                    "application/json": components["schemas"]["Board"];
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
    BoardsIdChange: {
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
                "application/json": components["schemas"]["ChangedBoard"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptBoard"];
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
    BoardsIdDrop: {
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
    BoardsIdLinksLinks: {
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
                    "application/json": components["schemas"]["BoardLink"][];
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
    BoardsIdLinksLink: {
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
                "application/json": components["schemas"]["NewBoardLink"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoardLink"];
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
    BoardsIdLinksLinkIdUnlink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                link_id: string;
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
    ShownBoardShown: {
        parameters: {
            query?: never;
            header?: {
                "X-Board-Link"?: string;
            };
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
                    "application/json": components["schemas"]["Shown"];
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
    ShownBoardCardsNumberShownCard: {
        parameters: {
            query?: never;
            header?: {
                "X-Board-Link"?: string;
            };
            path: {
                number: number;
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
                    "application/json": components["schemas"]["MapAnswer"] | components["schemas"]["ChartAnswer"] | components["schemas"]["NumberAnswer"] | components["schemas"]["TableAnswer"] | components["schemas"]["ListAnswer"];
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
