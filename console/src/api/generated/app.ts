// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Live
         * @description Answers as long as this process does.
         */
        get: operations["HealthLiveLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ready
         * @description Answers 200 when database, migrations and bus are ready, else 503 with a problem document.
         *
         *     Its `errors` name the parts that are not, its `parts` all of them. Asked of the parts once a second.
         */
        get: operations["HealthReadyReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs that failed for good
         * @description Jobs that used up their retries, newest first.
         */
        get: operations["JobsDeadLettersDead"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/dead-letters/{id}": {
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
         * Forget a dead job
         * @description Take it off the list for good.
         */
        delete: operations["JobsDeadLettersIdDiscard"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/dead-letters/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a dead job again
         * @description Put it back on the queue, with all its retries.
         */
        post: operations["JobsDeadLettersIdRetryRetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics
         * @description Prometheus metrics of all processes: open to this machine, elsewhere for those who may operate.
         */
        get: operations["MetricsMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Description of the API
         * @description This description, OpenAPI 3.1; it tells of no data.
         */
        get: operations["OpenapiJsonDescription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the status page shows
         * @description Counters, newest public readings and the air-quality index by station.
         */
        get: operations["StatusJsonStatusJson"];
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
        /** Counter */
        Counter: {
            name: string;
            title: string;
            value: number;
        };
        /** DeadJob */
        DeadJob: {
            arguments: {
                [key: string]: unknown;
            };
            attempts: number;
            failed_at: string | null;
            id: number;
            name: string;
        };
        /** Door */
        Door: {
            code: string;
            open: boolean;
            reason: components["schemas"]["Text"];
            /** Format: date-time */
            since: string;
        };
        /** DoorNow */
        DoorNow: {
            open: boolean;
            said: string;
            since: string;
        };
        /** Live */
        Live: {
            /** @default live */
            status: string;
        };
        /** Missing */
        Missing: {
            detail: string;
            pointer: string;
        };
        /** NotReady */
        NotReady: {
            detail: string;
            errors: components["schemas"]["Missing"][];
            instance: string;
            mqtt: components["schemas"]["Door"] | null;
            parts: {
                [key: string]: string;
            };
            status: number;
            title: string;
            type: string;
        };
        /** Now */
        Now: {
            caption: string;
            classes: components["schemas"]["app_http_pages_Class"][];
            counters: components["schemas"]["Counter"][];
            door: components["schemas"]["DoorNow"];
            readings: components["schemas"]["Reading"][];
            stations: components["schemas"]["Station"][];
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
        /** Reading */
        Reading: {
            attribute: string;
            source: string;
            station: string;
            time: string;
            value: string;
        };
        /** Station */
        Station: {
            aqi: number | null;
            class_: string;
            grade: number;
            name: string;
            primary: string;
            source: string;
            x: number;
            y: number;
        };
        /** Text */
        Text: {
            en: string;
            zh: string;
        };
        /** Class */
        app_http_pages_Class: {
            count: number;
            grade: number;
            name: string;
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
    HealthLiveLive: {
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
                    "application/json": components["schemas"]["Live"];
                };
            };
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    HealthReadyReady: {
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
                    "application/json": unknown;
                };
            };
            500: components["responses"]["500"];
            /** @description A part is not ready */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["NotReady"];
                };
            };
        };
    };
    JobsDeadLettersDead: {
        parameters: {
            query?: {
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
                    "application/json": components["schemas"]["DeadJob"][];
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
    JobsDeadLettersIdDiscard: {
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
    JobsDeadLettersIdRetryRetry: {
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
    MetricsMetrics: {
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
                    "text/plain": string;
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
    OpenapiJsonDescription: {
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
                    "application/vnd.oai.openapi+json": unknown;
                };
            };
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    StatusJsonStatusJson: {
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
                    "application/json": components["schemas"]["Now"];
                };
            };
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
}
