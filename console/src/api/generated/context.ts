// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/context/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is now
         * @description Entities by type, attributes (`attrs=pm25,pm10`) and box (`bbox=west,south,east,north` in degrees).
         *
         *     In pages by id (`after` the last one); with `near=longitude,latitude` the nearest first, at most `within_m`
         *     metres away.
         */
        get: operations["ContextEntitiesEntities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/context/entities/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One entity
         * @description An entity with its newest attributes.
         */
        get: operations["ContextEntitiesIdEntity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/live/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow what changes
         * @description Server-sent events: `changed` with the attributes that changed, `deleted`, `reset` to read the state anew.
         *
         *     The filters are those of NGSI-LD queries, with `bbox=west,south,east,north` and `district` beside them; all that
         *     are given must hold. With Last-Event-ID comes first what was missed, or a `reset` where that cannot be told.
         */
        get: operations["LiveEntitiesChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/attributes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Attributes of entities
         * @description The attributes of the entities that the caller may see (5.7.8), with `details` their types (5.7.9).
         */
        get: operations["NgsiLdV1AttributesAttributes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/attributes/{attribute}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One attribute of entities
         * @description On how many entities an attribute is, in which kinds, and of which types they are (5.7.10).
         */
        get: operations["NgsiLdV1AttributesOneAttribute"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Query entities
         * @description Entities that match all that is asked (5.7.2), in the order of their ids; near a place, the nearest first.
         *
         *     With `count=true` the header `NGSILD-Results-Count` says how many there are. The Link header leads on.
         */
        get: operations["NgsiLdV1EntitiesQuery"];
        put?: never;
        /**
         * Create an entity
         * @description Make an entity (5.6.1). 409 when there is one of that id.
         */
        post: operations["NgsiLdV1EntitiesCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/entities/{entity_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retrieve an entity
         * @description An entity (5.7.1): normalized, `concise` or `simplified`, as JSON, JSON-LD or GeoJSON.
         */
        get: operations["NgsiLdV1EntitiesEntityIdRetrieve"];
        /**
         * Replace an entity
         * @description Put these attributes in place of all the entity has (5.6.18).
         */
        put: operations["NgsiLdV1EntitiesEntityIdReplace"];
        post?: never;
        /**
         * Delete an entity
         * @description Delete an entity (5.6.6). Its past stays in history.
         */
        delete: operations["NgsiLdV1EntitiesEntityIdRemove"];
        options?: never;
        head?: never;
        /**
         * Merge into an entity
         * @description A merge-patch (5.6.17): members are merged deeply, `urn:ngsi-ld:null` takes away.
         */
        patch: operations["NgsiLdV1EntitiesEntityIdMerge"];
        trace?: never;
    };
    "/ngsi-ld/v1/entities/{entity_id}/attrs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Append attributes
         * @description Add attributes, over those there are unless `options=noOverwrite` (5.6.3).
         */
        post: operations["NgsiLdV1EntitiesEntityIdAttrsAppend"];
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Update attributes
         * @description Replace attributes that the entity has (5.6.2); 207 tells which it has not.
         */
        patch: operations["NgsiLdV1EntitiesEntityIdAttrsUpdate"];
        trace?: never;
    };
    "/ngsi-ld/v1/entities/{entity_id}/attrs/{attribute}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Replace one attribute
         * @description An attribute put in place of the one there is (5.6.19).
         */
        put: operations["NgsiLdV1EntitiesEntityIdAttrsAttributeReplaceOne"];
        post?: never;
        /**
         * Delete an attribute
         * @description Take the default instance away, that of a `datasetId`, or with `deleteAll` every one (5.6.5).
         */
        delete: operations["NgsiLdV1EntitiesEntityIdAttrsAttributeRemove"];
        options?: never;
        head?: never;
        /**
         * Update one attribute in part
         * @description Members of one attribute put in place of those it has (5.6.4).
         */
        patch: operations["NgsiLdV1EntitiesEntityIdAttrsAttributeUpdateOne"];
        trace?: never;
    };
    "/ngsi-ld/v1/entityOperations/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create many entities
         * @description Make entities (5.6.7): 201 with their ids, or 207 with what could not be made and why.
         */
        post: operations["NgsiLdV1EntityoperationsCreateCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/entityOperations/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Delete many entities
         * @description Delete entities by their ids (5.6.10).
         */
        post: operations["NgsiLdV1EntityoperationsDeleteRemove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/entityOperations/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge into many entities
         * @description Merge-patch entities that are there (5.6.20).
         */
        post: operations["NgsiLdV1EntityoperationsMergeMerge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/entityOperations/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Query entities by a body
         * @description As GET of entities, with a Query (5.2.23) as the body.
         */
        post: operations["NgsiLdV1EntityoperationsQueryQueryByPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/entityOperations/update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Update many entities
         * @description Put attributes on entities that are there (5.6.9), over theirs unless `options=noOverwrite`.
         */
        post: operations["NgsiLdV1EntityoperationsUpdateUpdate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/entityOperations/upsert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create or change many entities
         * @description Make entities, or replace those that are there (5.6.8); with `options=update` their attributes alone.
         */
        post: operations["NgsiLdV1EntityoperationsUpsertUpsert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/jsonldContexts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Contexts kept here
         * @description Addresses of the contexts kept here (5.13.3), with `details` what is known of them.
         */
        get: operations["NgsiLdV1JsonldcontextsListing"];
        put?: never;
        /**
         * Keep a @context
         * @description Keep a context (5.13.2); its address is in `Location`.
         */
        post: operations["NgsiLdV1JsonldcontextsAdd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/jsonldContexts/{context_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One @context
         * @description A context kept here (5.13.4), by its id or, escaped, its address.
         */
        get: operations["NgsiLdV1JsonldcontextsContextIdOne"];
        put?: never;
        post?: never;
        /**
         * Delete a @context
         * @description Delete a context (5.13.5), or with `reload` fetch one anew that came from elsewhere.
         */
        delete: operations["NgsiLdV1JsonldcontextsContextIdRemove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Subscriptions
         * @description One's own subscriptions (5.8.4) in the order of their ids, with how each went.
         */
        get: operations["NgsiLdV1SubscriptionsListing"];
        put?: never;
        /**
         * Subscribe
         * @description Make a subscription (5.8.1); its address is in `Location`.
         */
        post: operations["NgsiLdV1SubscriptionsSubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/subscriptions/{subscription_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One subscription
         * @description A subscription (5.8.3), with how many notifications were sent, and when.
         */
        get: operations["NgsiLdV1SubscriptionsSubscriptionIdOne"];
        put?: never;
        post?: never;
        /**
         * Unsubscribe
         * @description Delete a subscription (5.8.5), with what is on its way to it.
         */
        delete: operations["NgsiLdV1SubscriptionsSubscriptionIdRemove"];
        options?: never;
        head?: never;
        /**
         * Change a subscription
         * @description Lay a part of a subscription over it (5.8.2); null takes a member away. `isActive` false pauses it.
         */
        patch: operations["NgsiLdV1SubscriptionsSubscriptionIdChange"];
        trace?: never;
    };
    "/ngsi-ld/v1/subscriptions/{subscription_id}/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Notifications that were not delivered
         * @description Those given up, with the reason, or with `dead=false` those that wait. Yong's own, beside the standard.
         */
        get: operations["NgsiLdV1SubscriptionsSubscriptionIdNotificationsUndelivered"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/subscriptions/{subscription_id}/notifications/{number}": {
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
         * Discard what was given up
         * @description Delete a notification that was given up.
         */
        delete: operations["NgsiLdV1SubscriptionsSubscriptionIdNotificationsNumberDiscard"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/subscriptions/{subscription_id}/notifications/{number}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send again what was given up
         * @description Put a notification that was given up back in its line.
         */
        post: operations["NgsiLdV1SubscriptionsSubscriptionIdNotificationsNumberRetryRetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Types of entities
         * @description The types of the entities that the caller may see (5.7.5), with `details` their attributes (5.7.6).
         */
        get: operations["NgsiLdV1TypesTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ngsi-ld/v1/types/{type_name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One type of entities
         * @description How many entities of a type there are, and which attributes they have (5.7.7).
         */
        get: operations["NgsiLdV1TypesTypeNameOneType"];
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
        /** Dead */
        Dead: {
            attempts: number;
            dead_at: string | null;
            due_at: string | null;
            failure: string | null;
            /** Format: date-time */
            made_at: string;
            notification: unknown;
            number: number;
            subscription: string;
        };
        /** Entity */
        Entity: {
            attributes: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            district?: string | null;
            id: string;
            location?: {
                [key: string]: unknown;
            } | null;
            /** Format: date-time */
            modified_at: string;
            source: string;
            type: string;
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
        /** @description That media type is not given here · 不提供该内容类型 */
        406: {
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
        /** @description That media type is not supported here · 不支持的内容类型 */
        415: {
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
    ContextEntitiesEntities: {
        parameters: {
            query?: {
                type?: string;
                attrs?: string;
                bbox?: string;
                near?: string;
                within_m?: number | "null";
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
                    "application/json": components["schemas"]["Entity"][];
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
    ContextEntitiesIdEntity: {
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
                    "application/json": components["schemas"]["Entity"];
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
    LiveEntitiesChanges: {
        parameters: {
            query?: {
                type?: string;
                id?: string;
                idPattern?: string;
                attrs?: string;
                q?: string;
                scopeQ?: string;
                bbox?: string;
                georel?: string;
                geometry?: string;
                coordinates?: string;
                geoproperty?: string;
                district?: string;
                tenant?: string;
                /** @description How long the stream lasts; 0 for what was missed alone */
                seconds?: number | "null";
            };
            header?: {
                /** @description The id of the last event that was read */
                "Last-Event-ID"?: string;
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
                    "text/event-stream": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1AttributesAttributes: {
        parameters: {
            query?: {
                details?: boolean;
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
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1AttributesOneAttribute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                attribute: string;
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
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesQuery: {
        parameters: {
            query?: {
                type?: string;
                id?: string;
                idPattern?: string;
                attrs?: string;
                q?: string;
                georel?: string;
                geometry?: string;
                coordinates?: string;
                geoproperty?: string;
                scopeQ?: string;
                expandValues?: string;
                pick?: string;
                omit?: string;
                lang?: string;
                datasetId?: string;
                geometryProperty?: string;
                options?: string;
                format?: string;
                join?: string;
                limit?: number;
                offset?: number;
                after?: string;
                count?: boolean;
                local?: boolean;
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
                    "application/geo+json": unknown;
                    "application/json": unknown;
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesCreate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdRetrieve: {
        parameters: {
            query?: {
                options?: string;
                format?: string;
                attrs?: string;
                pick?: string;
                omit?: string;
                lang?: string;
                datasetId?: string;
                geometryProperty?: string;
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
                    "application/geo+json": unknown;
                    "application/json": unknown;
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdReplace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                entity_id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdRemove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                entity_id: string;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdMerge: {
        parameters: {
            query?: {
                options?: string;
                format?: string;
                observedAt?: string;
            };
            header?: never;
            path: {
                entity_id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
                "application/merge-patch+json": Record<string, never>;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdAttrsAppend: {
        parameters: {
            query?: {
                options?: string;
            };
            header?: never;
            path: {
                entity_id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
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
            /** @description Some of it was done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdAttrsUpdate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                entity_id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
                "application/merge-patch+json": Record<string, never>;
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
            /** @description Some of it was done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdAttrsAttributeReplaceOne: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                entity_id: string;
                attribute: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdAttrsAttributeRemove: {
        parameters: {
            query?: {
                datasetId?: string;
                deleteAll?: boolean;
            };
            header?: never;
            path: {
                entity_id: string;
                attribute: string;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntitiesEntityIdAttrsAttributeUpdateOne: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                entity_id: string;
                attribute: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
                "application/merge-patch+json": Record<string, never>;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntityoperationsCreateCreate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>[];
                "application/ld+json": Record<string, never>[];
            };
        };
        responses: {
            /** @description Ids of what was made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string[];
                };
            };
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Some of it was done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntityoperationsDeleteRemove: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": string[];
                "application/ld+json": string[];
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
            /** @description Some of it was done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntityoperationsMergeMerge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>[];
                "application/ld+json": Record<string, never>[];
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
            /** @description Some of it was done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntityoperationsQueryQueryByPost: {
        parameters: {
            query?: {
                options?: string;
                format?: string;
                geometryProperty?: string;
                limit?: number;
                offset?: number;
                after?: string;
                count?: boolean;
                local?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/geo+json": unknown;
                    "application/json": unknown;
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntityoperationsUpdateUpdate: {
        parameters: {
            query?: {
                options?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>[];
                "application/ld+json": Record<string, never>[];
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
            /** @description Some of it was done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1EntityoperationsUpsertUpsert: {
        parameters: {
            query?: {
                options?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>[];
                "application/ld+json": Record<string, never>[];
            };
        };
        responses: {
            /** @description Ids of what was made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string[];
                };
            };
            /** @description Request fulfilled, nothing follows */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Some of it was done */
            207: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1JsonldcontextsListing: {
        parameters: {
            query?: {
                details?: boolean;
                kind?: "Hosted" | "Cached" | "ImplicitlyCreated" | null;
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
                    "application/json": ({
                        [key: string]: unknown;
                    } | string)[];
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
    NgsiLdV1JsonldcontextsAdd: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": {
                    "@context": unknown;
                };
                "application/ld+json": {
                    "@context": unknown;
                };
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1JsonldcontextsContextIdOne: {
        parameters: {
            query?: {
                details?: boolean;
            };
            header?: never;
            path: {
                context_id: string;
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
    NgsiLdV1JsonldcontextsContextIdRemove: {
        parameters: {
            query?: {
                reload?: boolean;
            };
            header?: never;
            path: {
                context_id: string;
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
    NgsiLdV1SubscriptionsListing: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                count?: boolean;
                options?: string;
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
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1SubscriptionsSubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1SubscriptionsSubscriptionIdOne: {
        parameters: {
            query?: {
                options?: string;
            };
            header?: never;
            path: {
                subscription_id: string;
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
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1SubscriptionsSubscriptionIdRemove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1SubscriptionsSubscriptionIdChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/ld+json": Record<string, never>;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1SubscriptionsSubscriptionIdNotificationsUndelivered: {
        parameters: {
            query?: {
                dead?: boolean;
                limit?: number;
                after?: number;
            };
            header?: never;
            path: {
                subscription_id: string;
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
                    "application/json": components["schemas"]["Dead"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1SubscriptionsSubscriptionIdNotificationsNumberDiscard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
                number: number;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1SubscriptionsSubscriptionIdNotificationsNumberRetryRetry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscription_id: string;
                number: number;
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
            406: components["responses"]["406"];
            409: components["responses"]["409"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1TypesTypes: {
        parameters: {
            query?: {
                details?: boolean;
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
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    NgsiLdV1TypesTypeNameOneType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type_name: string;
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
                    "application/ld+json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            406: components["responses"]["406"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
}
