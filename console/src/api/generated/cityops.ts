// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/cityops/class-sets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A class set
         * @description A set as it is kept, in the form in which one is said.
         */
        get: operations["CityopsClassSetsNameClassSet"];
        /**
         * Keep a class set
         * @description Have the register of classes hold a set as it is said, with its time limits; a dry run says what would change.
         *
         *     All of it is kept, or nothing. Classes of the set that are not among the lines end, and their codes are not used again.
         */
        put: operations["CityopsClassSetsNameKeepClassSet"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cityops/components/near": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Components near a position
         * @description Components within some metres of a position (degrees of CGCS2000), the nearest first, at most 20.
         */
        get: operations["CityopsComponentsNearNear"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cityops/nearby": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open cases near a place
         * @description How many open cases of the city's upkeep lie within 200 m, and of the nearest class, state, day and rounded place.
         *
         *     For whoever is about to report something: neither words nor people are told.
         */
        post: operations["CityopsNearbyNearby"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cityops/sources/{name}/pull": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take in another endpoint's requests now
         * @description Take in what another Open311 endpoint has that is new, as the schedule does every ten minutes.
         *
         *     Its host must be among the setting `open311_hosts`; what fails is told as `fault`.
         */
        post: operations["CityopsSourcesNamePullPull"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/open311/v2/discovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open311 service discovery
         * @description Where the door is, in which formats, and when its services changed last.
         */
        get: operations["Open311V2DiscoveryDiscovery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/open311/v2/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open311 requests
         * @description What anybody may know of requests, the newest first: of the last 90 days, the first 1,000, unless asked otherwise.
         */
        get: operations["Open311V2RequestsRequests"];
        put?: never;
        /**
         * Make an Open311 request
         * @description Report something; the answer has its number. It goes the way of the portal's reports and becomes a case.
         */
        post: operations["Open311V2RequestsMake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/open311/v2/requests/{service_request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One Open311 request
         * @description What anybody may know of a request, or of several with commas between their numbers.
         */
        get: operations["Open311V2RequestsServiceRequestIdOneRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/open311/v2/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open311 services
         * @description What may be reported: the classes of cases that are open to the public.
         */
        get: operations["Open311V2ServicesServices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/open311/v2/services/{service_code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open311 service definition
         * @description What a service asks: its attributes. The code may end in `.xml` or `.json`.
         */
        get: operations["Open311V2ServicesServiceCodeDefinition"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/open311/v2/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The request of an Open311 token
         * @description The number of a request by its token. Numbers are given at once here, so a request's number is its token.
         */
        get: operations["Open311V2TokensToken"];
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
        /**
         * ClassLimit
         * @description How long a class may take; the units are those of time limits.
         */
        ClassLimit: {
            amount: number;
            /** @default null */
            grade: string | null;
            unit: string;
            /** @default null */
            urgent: boolean | null;
        };
        /**
         * ClassLine
         * @description A class of a set: of the upper kind (大类) or, its code longer, of the lower (小类).
         */
        ClassLine: {
            /** @default null */
            closing: string | null;
            code: string;
            /** @default null */
            filing: string | null;
            /** @default [] */
            limits: components["schemas"]["ClassLimit"][];
            /** @default false */
            open: boolean;
            /** @default null */
            summary_en: string | null;
            /** @default null */
            summary_zh: string | null;
            /** @default null */
            title_en: string | null;
            title_zh: string;
            /** @default null */
            words: string | null;
        };
        /**
         * ClassSet
         * @description A set of classes as a city keeps it: how wide its codes are, which edition it is, and its lines.
         *
         *         `prefix` stands before each code in the register of classes, so that several sets have room beside each other.
         */
        ClassSet: {
            /** @default null */
            basis: string | null;
            /** @default handling */
            clock: string;
            edition: string;
            /** @enum {unknown} */
            kind: "component" | "event";
            lines: components["schemas"]["ClassLine"][];
            /** @default 2 */
            major_width: number;
            /** @default 2 */
            minor_width: number;
            /** @default  */
            prefix: string;
            /** @default cityops.case */
            procedure: string | null;
            /** @default false */
            synthetic: boolean;
            title_en: string;
            title_zh: string;
        };
        /** ClassSetKept */
        ClassSetKept: {
            changed: number;
            created: number;
            dry_run: boolean;
            edition: string;
            ended: number;
            kept: number;
            limits: number;
            name: string;
        };
        /** NearComponent */
        NearComponent: {
            class: string;
            code: string;
            distance_m: number;
            in_charge: string | null;
            name: string;
            state: string | null;
        };
        /** Nearby */
        Nearby: {
            cases: components["schemas"]["NearbyCase"][];
            count: number;
        };
        /**
         * NearbyAsked
         * @description A place in CGCS2000 degrees, and the class of what is about to be reported where it is known.
         */
        NearbyAsked: {
            /** @default null */
            class: string | null;
            lat: number;
            lon: number;
        };
        /** NearbyCase */
        NearbyCase: {
            class?: string | null;
            class_title: string | null;
            lat: number;
            lon: number;
            opened_on: string;
            stage: string;
            state: string;
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
        /** Pulled */
        Pulled: {
            fault?: string | null;
            known: number;
            passed: number;
            source: string;
            taken: number;
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
    CityopsClassSetsNameClassSet: {
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
                    "application/json": components["schemas"]["ClassSet"];
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
    CityopsClassSetsNameKeepClassSet: {
        parameters: {
            query?: {
                dry_run?: boolean;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description At most 4194304 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClassSet"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClassSetKept"];
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
    CityopsComponentsNearNear: {
        parameters: {
            query: {
                lon: number;
                lat: number;
                class?: string;
                within_m?: number;
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
                    "application/json": components["schemas"]["NearComponent"][];
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
    CityopsNearbyNearby: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NearbyAsked"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Nearby"];
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
    CityopsSourcesNamePullPull: {
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
                    "application/json": components["schemas"]["Pulled"];
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
    Open311V2DiscoveryDiscovery: {
        parameters: {
            query?: {
                jurisdiction_id?: string;
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
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description The input cannot be read, in the standard's own words */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not allowed, in the standard's own words */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Too many requests, in the standard's own words */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Internal error, in the standard's own words */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not available at the moment, in the standard's own words */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
        };
    };
    Open311V2RequestsRequests: {
        parameters: {
            query?: {
                jurisdiction_id?: string;
                api_key?: string;
                service_request_id?: string;
                service_code?: string;
                start_date?: string;
                end_date?: string;
                status?: string;
                updated_after?: string;
                updated_before?: string;
                page?: string;
                page_size?: string;
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
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description The input cannot be read, in the standard's own words */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not allowed, in the standard's own words */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Too many requests, in the standard's own words */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Internal error, in the standard's own words */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not available at the moment, in the standard's own words */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
        };
    };
    Open311V2RequestsMake: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description At most 65536 bytes */
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": {
                    account_id?: string;
                    address_id?: string;
                    address_string?: string;
                    api_key?: string;
                    description?: string;
                    device_id?: string;
                    email?: string;
                    first_name?: string;
                    jurisdiction_id?: string;
                    last_name?: string;
                    lat?: string;
                    long?: string;
                    media_url?: string;
                    phone?: string;
                    service_code: string;
                };
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description The input cannot be read, in the standard's own words */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not allowed, in the standard's own words */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Too many requests, in the standard's own words */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Internal error, in the standard's own words */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not available at the moment, in the standard's own words */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
        };
    };
    Open311V2RequestsServiceRequestIdOneRequest: {
        parameters: {
            query?: {
                jurisdiction_id?: string;
            };
            header?: never;
            path: {
                service_request_id: string;
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
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description The input cannot be read, in the standard's own words */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not allowed, in the standard's own words */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not found, in the standard's own words */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Too many requests, in the standard's own words */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Internal error, in the standard's own words */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not available at the moment, in the standard's own words */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
        };
    };
    Open311V2ServicesServices: {
        parameters: {
            query?: {
                jurisdiction_id?: string;
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
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description The input cannot be read, in the standard's own words */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not allowed, in the standard's own words */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Too many requests, in the standard's own words */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Internal error, in the standard's own words */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not available at the moment, in the standard's own words */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
        };
    };
    Open311V2ServicesServiceCodeDefinition: {
        parameters: {
            query?: {
                jurisdiction_id?: string;
            };
            header?: never;
            path: {
                service_code: string;
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
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description The input cannot be read, in the standard's own words */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not allowed, in the standard's own words */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not found, in the standard's own words */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Too many requests, in the standard's own words */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Internal error, in the standard's own words */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not available at the moment, in the standard's own words */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
        };
    };
    Open311V2TokensToken: {
        parameters: {
            query?: {
                jurisdiction_id?: string;
            };
            header?: never;
            path: {
                token: string;
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
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description The input cannot be read, in the standard's own words */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not allowed, in the standard's own words */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not found, in the standard's own words */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Too many requests, in the standard's own words */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Internal error, in the standard's own words */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
            /** @description Not available at the moment, in the standard's own words */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                    "text/xml": unknown;
                };
            };
        };
    };
}
