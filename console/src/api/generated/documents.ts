// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Documents of a row
         * @description The documents of a row of a Relation that the caller may open, oldest first; all others are at
         *     `/records/documents.document`.
         */
        get: operations["DocumentsDocumentsOf"];
        put?: never;
        /**
         * Keep a file
         * @description Keep the body as a document. Its `Content-Type` must be what the content is; `strip` takes out of a photo what is not
         *     the picture. `belongs_to` and `belongs_id` name a Relation and a row of it, which the caller sees. Without `personal=no`
         *     the content is taken to be about a person: opening it then needs a purpose and is audited.
         */
        post: operations["DocumentsKeep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pack documents for an archive
         * @description A BagIt bag (RFC 8493) in a ZIP: the files, what is kept of each, their SHA-256, and a list for people (PDF).
         */
        post: operations["DocumentsPackagesHandOver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/retention-classes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Retention classes
         * @description For how long documents are kept, and on which basis; those for good first.
         */
        get: operations["DocumentsRetentionClassesClasses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/retention-classes/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Keep a retention class
         * @description Make a class or change one.
         */
        put: operations["DocumentsRetentionClassesCodeSetRetention"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/signature-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify the signatures of a PDF
         * @description Who signed it, when, whether it was changed since, and whether that is trusted. The file is not kept.
         */
        post: operations["DocumentsSignatureChecksVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Announce a file that comes part by part
         * @description Creation of tus 1.0.0. `Upload-Metadata` has `filetype` (the media type), `filename`, `title` and whatever else
         *     `POST /documents` takes as a query. `Location` says where its parts go.
         */
        post: operations["DocumentsUploadsOpenUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far an upload is
         * @description How many bytes of a file of one's own are here for good, and the document that it became.
         */
        get: operations["DocumentsUploadsIdUpload"];
        put?: never;
        post?: never;
        /**
         * Give an upload up
         * @description Forget a file of one's own that is on its way.
         */
        delete: operations["DocumentsUploadsIdEndUpload"];
        options?: never;
        /**
         * How far an upload is, by its headers
         * @description `Upload-Offset` is how many bytes are here for good: the next part begins there (tus 1.0.0).
         */
        head: operations["DocumentsUploadsIdUploadOffset"];
        /**
         * A part of an upload
         * @description A part that begins at `Upload-Offset`, with `Upload-Checksum` if it is to count as a whole or not at all. With the
         *     last byte the file is examined and becomes the document of the upload's id; a file that is refused is forgotten.
         */
        patch: operations["DocumentsUploadsIdReceive"];
        trace?: never;
    };
    "/documents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One document
         * @description What is kept of a document that the caller may open.
         */
        get: operations["DocumentsIdDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A document's content
         * @description The content, whole or one `Range` of its bytes, to be saved; with `inline` a picture or video is shown in place.
         */
        get: operations["DocumentsIdContentContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a document's matter
         * @description From the first day of the next year its retention runs.
         */
        post: operations["DocumentsIdEndEnd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was changed of a document
         * @description When what is kept of a document was changed, by which account, and which parts of it; newest first.
         */
        get: operations["DocumentsIdHistoryHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Holds on a document
         * @description The holds that stand: while there is one nothing removes the document.
         */
        get: operations["DocumentsIdHoldsHolds"];
        put?: never;
        /**
         * DocumentHold a document
         * @description Nothing removes the document from now on, whatever its retention says.
         */
        post: operations["DocumentsIdHoldsHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/holds/{hold_id}": {
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
         * Lift a hold
         * @description The hold stands no more; others do.
         */
        delete: operations["DocumentsIdHoldsHoldIdLift"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/removal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a removal
         * @description Approve that a document whose retention has run out is removed: the next night it is, unless it is held by then.
         */
        post: operations["DocumentsIdRemovalApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Classify a document
         * @description Put a document into a retention class.
         */
        put: operations["DocumentsIdRetentionClassify"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A picture, small
         * @description A small JPEG of a picture: 160, 320, 640 or 1600 pixels on the longer side, turned as it is to be looked at.
         */
        get: operations["DocumentsIdThumbnailThumbnail"];
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
        /** Belongs */
        Belongs: {
            id: string;
            relation: string;
        };
        /**
         * ChosenRetention
         * @description The retention class that a document is put into.
         */
        ChosenRetention: {
            retention: string;
        };
        /**
         * ClosedMatter
         * @description The retention class that a document is put into when its matter is closed; as it is without.
         */
        ClosedMatter: {
            /** @default null */
            retention: string | null;
        };
        /** Document */
        Document: {
            belongs: components["schemas"]["Belongs"] | null;
            bytes: number;
            charset: string | null;
            /** Format: date-time */
            created_at: string;
            created_by: string;
            district: string | null;
            ended_at: string | null;
            filename: string;
            height: number | null;
            held: boolean;
            id: string;
            level: components["schemas"]["Level"];
            media_type: string;
            owner: string | null;
            personal: components["schemas"]["Personal"];
            redacted_from: string | null;
            removed_at: string | null;
            retention: string | null;
            sha256: string;
            subject: string | null;
            title: string;
            version: number;
            width: number | null;
        };
        /** DocumentHold */
        DocumentHold: {
            document: string;
            id: string;
            /** Format: date-time */
            placed_at: string;
            placed_by: string;
            reason: string;
        };
        /** DocumentPast */
        DocumentPast: {
            account: string;
            changed: string[];
            /** Format: date-time */
            recorded_at: string;
            version: number;
        };
        /**
         * HoldReason
         * @description Why a document may not be removed.
         */
        HoldReason: {
            reason: string;
        };
        /** KeptRetention */
        KeptRetention: {
            code: string;
            version: number;
        };
        /**
         * Level
         * @description Data level by GB/T 43697-2024. Core data (核心) is refused: this system may not hold it.
         * @default general
         * @enum {string}
         */
        Level: "general" | "important" | "core";
        /**
         * NewPackage
         * @description The documents of a package, and who hands them over.
         */
        NewPackage: {
            documents: string[];
            source: string;
        };
        /** PdfSignature */
        PdfSignature: {
            changed_since: boolean;
            claimed_at: string | null;
            intact: boolean;
            issuer: string;
            organisation: string | null;
            serial: string;
            signer: string;
            timestamped_at: string | null;
            trusted: boolean;
            verdict: components["schemas"]["Text"];
        };
        /**
         * Personal
         * @description Whether a field says something about a person (个人信息保护法 Art. 4 and 28).
         * @default personal
         * @enum {string}
         */
        Personal: "no" | "personal" | "sensitive";
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
        /** RetentionRow */
        RetentionRow: {
            /** @default false */
            automatic: boolean;
            basis_en: string;
            basis_zh: string;
            code: string;
            example: boolean;
            title_en: string;
            title_zh: string;
            /** Format: date-time */
            updated_at: string;
            version: number;
            years: number | null;
        };
        /**
         * RetentionRule
         * @description A retention class as it shall be; with the `version` it was read at to change one, without to make one.
         */
        RetentionRule: {
            /** @default false */
            automatic: boolean;
            basis_en: string;
            basis_zh: string;
            title_en: string;
            title_zh: string;
            /** @default null */
            version: number | null;
            years: number | null;
        };
        /** SignatureReport */
        SignatureReport: {
            good: boolean;
            signatures: components["schemas"]["PdfSignature"][];
            signed: boolean;
            verdict: components["schemas"]["Text"];
        };
        /** Text */
        Text: {
            en: string;
            zh: string;
        };
        /** Upload */
        Upload: {
            document?: string | null;
            /** Format: date-time */
            expires_at: string;
            id: string;
            length: number;
            received: number;
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
        /** @description The checksum does not match · 校验和不符 */
        460: {
            headers: {
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
    DocumentsDocumentsOf: {
        parameters: {
            query: {
                belongs_to: string;
                belongs_id: string;
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
                    "application/json": components["schemas"]["Document"][];
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
    DocumentsKeep: {
        parameters: {
            query: {
                title: string;
                filename?: string;
                belongs_to?: string;
                belongs_id?: string;
                owner?: string;
                district?: string;
                subject?: string;
                /** @description Whether a field says something about a person (个人信息保护法 Art. 4 and 28). */
                personal?: components["schemas"]["Personal"];
                /** @description Data level by GB/T 43697-2024. Core data (核心) is refused: this system may not hold it. */
                level?: components["schemas"]["Level"];
                retention?: string;
                strip?: boolean;
                sha256?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 2147483648 bytes */
        requestBody: {
            content: {
                "application/ofd": string;
                "application/pdf": string;
                "application/vnd.oasis.opendocument.spreadsheet": string;
                "application/vnd.oasis.opendocument.text": string;
                "application/vnd.openxmlformats-officedocument.presentationml.presentation": string;
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document": string;
                "application/zip": string;
                "image/jpeg": string;
                "image/png": string;
                "image/webp": string;
                "text/csv": string;
                "text/plain": string;
                "video/mp4": string;
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
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
    DocumentsPackagesHandOver: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPackage"];
            };
        };
        responses: {
            /** @description Stream Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": unknown;
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
    DocumentsRetentionClassesClasses: {
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
                    "application/json": components["schemas"]["RetentionRow"][];
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
    DocumentsRetentionClassesCodeSetRetention: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetentionRule"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptRetention"];
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
    DocumentsSignatureChecksVerify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 52428800 bytes */
        requestBody: {
            content: {
                "application/pdf": string;
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignatureReport"];
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
    DocumentsUploadsOpenUpload: {
        parameters: {
            query?: never;
            header?: {
                "Upload-Length"?: number;
                "Upload-Metadata"?: string;
                "Tus-Resumable"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    /** @description Where its parts go */
                    Location?: unknown;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            409: components["responses"]["409"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DocumentsUploadsIdUpload: {
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
                    "application/json": components["schemas"]["Upload"];
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
    DocumentsUploadsIdEndUpload: {
        parameters: {
            query?: never;
            header?: {
                "Tus-Resumable"?: string;
            };
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
            412: components["responses"]["412"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DocumentsUploadsIdUploadOffset: {
        parameters: {
            query?: never;
            header?: {
                "Tus-Resumable"?: string;
            };
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
                content?: never;
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
    DocumentsUploadsIdReceive: {
        parameters: {
            query?: never;
            header?: {
                "Upload-Offset"?: number;
                "Upload-Checksum"?: string;
                "Tus-Resumable"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        /** @description At most 2147483648 bytes */
        requestBody: {
            content: {
                "application/offset+octet-stream": string;
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
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            460: components["responses"]["460"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DocumentsIdDocument: {
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
                    "application/json": components["schemas"]["Document"];
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
    DocumentsIdContentContent: {
        parameters: {
            query?: {
                inline?: boolean;
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
            /** @description The part that was asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description As it was */
            304: {
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
            /** @description There is no such part */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    DocumentsIdEndEnd: {
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
                "application/json": components["schemas"]["ClosedMatter"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
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
    DocumentsIdHistoryHistory: {
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
                    "application/json": components["schemas"]["DocumentPast"][];
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
    DocumentsIdHoldsHolds: {
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
                    "application/json": components["schemas"]["DocumentHold"][];
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
    DocumentsIdHoldsHold: {
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
                "application/json": components["schemas"]["HoldReason"];
            };
        };
        responses: {
            /** @description Document created, URL follows */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentHold"];
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
    DocumentsIdHoldsHoldIdLift: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                hold_id: string;
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
    DocumentsIdRemovalApprove: {
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
            /** @description Request accepted, processing continues off-line */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
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
    DocumentsIdRetentionClassify: {
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
                "application/json": components["schemas"]["ChosenRetention"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
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
    DocumentsIdThumbnailThumbnail: {
        parameters: {
            query?: {
                size?: number;
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
                    "image/jpeg": unknown;
                };
            };
            /** @description As it was */
            304: {
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
