// Generated from docs/reference/openapi by `make gen`.
export interface paths {
    "/geo/convert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Convert coordinates
         * @description A GeoJSON geometry or an array of positions in another system; longitude, latitude or easting, northing.
         */
        post: operations["GeoConvertConvert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/geocode": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where an address is
         * @description What an address or a name may mean, in Chinese, pinyin or initials, the surest first; degrees of CGCS2000.
         */
        get: operations["GeoGeocodeGeocode"];
        put?: never;
        /**
         * Where the addresses of a file are
         * @description The CSV of the body with position, confidence and name for each row; the columns `address` together are the address.
         */
        post: operations["GeoGeocodeGeocodeFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/grid-cells": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Divide a community
         * @description Number, code, measure and keep the unit grids of a community, all or none.
         *
         *     Outlines that overlap, leave gaps, reach beyond the community or draw a shared border differently are refused
         *     with each finding's place and size; with `dry_run` the answer lists them and nothing is changed. With `anew` the
         *     grids that stand are ended on the day on which the new ones begin, in the same transaction.
         */
        post: operations["GeoGridCellsDivide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/grid-codes/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Explain a grid's code
         * @description The parts of a unit grid's code, or everything that is wrong with it, by Accept-Language.
         */
        get: operations["GeoGridCodesExplain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/grid-divisions/{division}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a division back
         * @description End what a community's last division made and let stand again what it ended, all or none.
         */
        post: operations["GeoGridDivisionsUndoUndo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Layers
         * @description The layers that hold on a day (today), the lowest first, with style and legend in the reader's language.
         */
        get: operations["GeoLayersLayers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One layer
         * @description A layer as it holds on a day (today).
         */
        get: operations["GeoLayersNameLayer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers/{name}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The archive of a static layer
         * @description The PMTiles archive of a static layer as it holds on a day (today), whole or one `Range` of its bytes.
         */
        get: operations["GeoLayersNameArchiveArchive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers/{name}/builds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Files of a static layer
         * @description The last hundred files handed in for a static layer, newest first, and what became of them.
         */
        get: operations["GeoLayersNameBuildsBuilds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers/{name}/builds/{build}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One file of a static layer
         * @description A file handed in, and what became of it: its archive, or why it could not be built.
         */
        get: operations["GeoLayersNameBuildsBuild"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers/{name}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Hand in the file of a static layer
         * @description Features for a static layer, their positions in `datum`, to be drawn from a day on (today).
         *
         *     They are checked at once, carried over to WGS 84 and built in the background; the layer stays as it is until that is
         *     done, and where it fails. What became of it is read by its id.
         */
        put: operations["GeoLayersNameFileHandIn"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers/{name}/tiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A static layer as TileJSON
         * @description TileJSON 3.0.0 of a static layer as it holds on a day (today): address of its tiles, levels, bounds, fields.
         */
        get: operations["GeoLayersNameTilesTilejson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/layers/{name}/tiles/{z}/{row}/{col}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tile of a layer
         * @description A tile (WebMercatorQuad): a vector tile of a static layer as it holds on a day (today), 204 where it has nothing; a
         *     picture of a layer that an outside service draws, through this server.
         *
         *     Only hosts of the setting `map_hosts` are asked, so that by default nothing leaves the city.
         */
        get: operations["GeoLayersNameTilesZRowColTile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/locate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a point lies
         * @description The unit grid, community, street and district of a position in degrees of CGCS2000, `on` a day (today).
         */
        get: operations["GeoLocateLocateOne"];
        put?: never;
        /**
         * Where many points lie
         * @description The codes of the areas of up to 100,000 positions, each list in the order of the positions.
         */
        post: operations["GeoLocateLocate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Mergings
         * @description The mergings of component coordinates that the caller may work on, by name.
         */
        get: operations["GeoMergingsMergings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A merging
         * @description A merging with its plan, and the run that its merged set stands on.
         */
        get: operations["GeoMergingsNameMerging"];
        /**
         * Plan a merging
         * @description Make a merging, or change its plan: sources with their coordinate systems and accuracies, equal classes.
         */
        put: operations["GeoMergingsNameKeep"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}/components/{component}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo one merge
         * @description Take apart what the component's last run joined; its records are remembered as different.
         */
        post: operations["GeoMergingsNameComponentsUndoSplit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide doubtful pairs
         * @description Say of pairs of records that they are the same thing, different, or open again; later runs obey.
         */
        post: operations["GeoMergingsNameDecisionsDecide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}/doubts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Doubtful pairs
         * @description Pairs that a person is asked about and nobody has decided, with the evidence, by falling probability.
         */
        get: operations["GeoMergingsNameDoubtsDoubts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}/points/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Send a source's points
         * @description The rows of a CSV or GeoJSON file in place of the source's points before, all of them or none.
         */
        put: operations["GeoMergingsNamePointsSourceReceive"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs of a merging
         * @description The last hundred runs, newest first.
         */
        get: operations["GeoMergingsNameRunsRuns"];
        put?: never;
        /**
         * Order a run
         * @description Order a run, a dry one unless told otherwise; a background job does it, and its report is read by its id.
         */
        post: operations["GeoMergingsNameRunsOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A run and its report
         * @description Where a run is, and its report: sources, shifts, weights, what it changed or would change.
         */
        get: operations["GeoMergingsNameRunsRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/mergings/{name}/runs/{run}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo a run
         * @description Put the merged set back to exactly what it was before the run that it stands on.
         */
        post: operations["GeoMergingsNameRunsUndoUndo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/places/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import places of any datum
         * @description All places of the body, or none: positions are carried over from `datum` to CGCS2000, and it is noted.
         */
        post: operations["GeoPlacesImportImportPlaces"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/reverse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is at a position
         * @description Areas, an address and the nearest places; `datum` is that of the position (CGCS2000, WGS 84, GCJ-02, BD-09).
         */
        get: operations["GeoReverseReverse"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/suggest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Places while typing
         * @description Places and areas whose names hold what was typed so far; what lies in `bbox` first.
         */
        get: operations["GeoSuggestSuggest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/systems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Coordinate systems
         * @description Every coordinate system known: names, EPSG code, where it is meant to be used, accuracy.
         */
        get: operations["GeoSystemsSystems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/geo/topology-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check polygons against each other
         * @description Overlaps, gaps, self-intersections and borders that neighbours draw differently, with place and size.
         *
         *     The polygons of a located Relation as the caller may see them; `within` names the area that they are to cover.
         */
        post: operations["GeoTopologyChecksCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Landing page of OGC API
         * @description What the OGC APIs offer here: description, conformance, collections.
         */
        get: operations["OgcLanding"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Collections of features
         * @description Every located Relation and every located type of entity of which the caller may see something.
         */
        get: operations["OgcCollectionsCollections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A collection of features
         * @description A collection: title, extent, coordinate reference systems, links.
         */
        get: operations["OgcCollectionsCollectionIdCollection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Features
         * @description A page of features as GeoJSON; any other parameter is the value that a queryable property must have.
         */
        get: operations["OgcCollectionsCollectionIdItemsItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}/items/{feature_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One feature
         * @description A feature as GeoJSON.
         */
        get: operations["OgcCollectionsCollectionIdItemsFeatureIdItem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}/queryables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What features can be asked by
         * @description JSON Schema of the properties that filters, `sortby` and query parameters may name.
         */
        get: operations["OgcCollectionsCollectionIdQueryablesQueryables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The schema of features
         * @description JSON Schema of a collection's features as the caller sees them.
         */
        get: operations["OgcCollectionsCollectionIdSchemaSchema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}/tiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Vector tilesets of a collection
         * @description The tilesets of a collection, with the address of their tiles.
         */
        get: operations["OgcCollectionsCollectionIdTilesTilesets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}/tiles/{tile_matrix_set_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A vector tileset
         * @description A tileset's metadata; as TileJSON with `f=tilejson`.
         */
        get: operations["OgcCollectionsCollectionIdTilesTileMatrixSetIdTileset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/collections/{collection_id}/tiles/{tile_matrix_set_id}/{z}/{row}/{col}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A vector tile
         * @description A Mapbox Vector Tile with one layer, named as the collection; 204 where nothing is, 304 by `If-None-Match`.
         */
        get: operations["OgcCollectionsCollectionIdTilesTileMatrixSetIdZRowVectorTile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/conformance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Conformance classes of OGC API
         * @description The conformance classes that hold here, by their URIs.
         */
        get: operations["OgcConformanceConformance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/tileMatrixSets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tile matrix sets
         * @description The tile matrix sets that tilesets are made in: WebMercatorQuad.
         */
        get: operations["OgcTilematrixsetsTileMatrixSets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ogc/tileMatrixSets/{tile_matrix_set_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A tile matrix set
         * @description Its levels, with the size of a cell, the point of origin and how many tiles there are.
         */
        get: operations["OgcTilematrixsetsTileMatrixSetIdTileMatrixSet"];
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
        /** Archive */
        Archive: {
            bytes: number;
            digest: string;
            max_zoom: number;
            min_zoom: number;
            tiles: number;
        };
        /** Area */
        Area: {
            code: string;
            name?: string | null;
        };
        /**
         * Asked
         * @description Which polygons are checked: those of a located Relation under conditions, as they hold on a day (today).
         *
         *         With `within`, the id of a record of `within_relation`, they are to cover its polygon; without it what they enclose.
         */
        Asked: {
            /** @default null */
            at: string | null;
            /** @default [] */
            conditions: components["schemas"]["Condition"][];
            relation: string;
            /** @default null */
            within: string | null;
            /** @default geo.boundary */
            within_relation: string;
        };
        /** BadPoint */
        BadPoint: {
            reason: string;
            record: string;
        };
        /** BadRow */
        BadRow: {
            column: string;
            reason: components["schemas"]["Text"];
            row: number;
        };
        /** Build */
        Build: {
            archive?: components["schemas"]["Archive"] | null;
            bytes: number;
            datum: string;
            features: number;
            finished_at?: string | null;
            format: string;
            id: string;
            layer: string;
            /** Format: date-time */
            ordered_at: string;
            positions: number;
            problem?: string | null;
            state: string;
            unplaced: number;
            /** Format: date */
            valid_from: string;
            valid_to?: string | null;
        };
        /** Cell */
        Cell: {
            area_m2: number;
            code: string;
            index: number;
        };
        /** CodeParts */
        CodeParts: {
            area?: string | null;
            code: string;
            community?: string | null;
            problems?: string[];
            serial?: string | null;
            street?: string | null;
            valid: boolean;
        };
        /**
         * Columns
         * @description Which of a source's fields say what. A Relation knows its own key and geometry.
         *
         *         `record` names a file's field of ids; `lon` and `lat` a CSV file's positions (easting and northing in a plane
         *         system), which GeoJSON has in its geometry.
         */
        Columns: {
            /** @default null */
            class: string | null;
            /** @default null */
            code: string | null;
            /** @default null */
            district: string | null;
            /** @default null */
            lat: string | null;
            /** @default null */
            lon: string | null;
            /** @default null */
            name: string | null;
            /** @default null */
            record: string | null;
        };
        /**
         * Condition
         * @description A condition on a field of the Relation, its value written as in a URL.
         */
        Condition: {
            field: string;
            /** @default eq */
            operator: components["schemas"]["Operator"];
            value: string;
        };
        /**
         * Conversion
         * @description What to convert: a GeoJSON geometry or positions (two or three numbers each), and between which systems.
         */
        Conversion: {
            from: string;
            /** @default null */
            geometry: Record<string, never> | null;
            /** @default null */
            positions: number[][] | null;
            to: string;
        };
        /** Converted */
        Converted: {
            accuracy_m: number;
            from: string;
            geometry?: {
                [key: string]: unknown;
            } | null;
            positions?: number[][] | null;
            to: string;
        };
        /**
         * Datum
         * @description What longitude and latitude refer to.
         * @enum {string}
         */
        Datum: "CGCS2000" | "WGS84" | "GCJ-02" | "BD-09";
        /** Decided */
        Decided: {
            decided: number;
            version: number;
        };
        /**
         * Decision
         * @description What a person decided of two records. Later runs obey it.
         */
        Decision: {
            a: components["schemas"]["RecordRef"];
            b: components["schemas"]["RecordRef"];
            /** @default null */
            note: string | null;
            verdict: components["schemas"]["Verdict"];
        };
        /**
         * Decisions
         * @description Decisions on several pairs, all taken or none.
         */
        Decisions: {
            decisions: components["schemas"]["Decision"][];
        };
        /** Division */
        Division: {
            cells: components["schemas"]["Cell"][];
            community: string;
            ended: components["schemas"]["EndedCell"][];
            findings: components["schemas"]["FindingTold"][];
            id?: string | null;
            kept: components["schemas"]["Cell"][];
            made: boolean;
            standing: string;
            /** Format: date */
            starts_on: string;
        };
        /** DoubtPage */
        DoubtPage: {
            cursor?: string | null;
            items: components["schemas"]["DoubtfulPair"][];
            run: string | null;
        };
        /** DoubtfulPair */
        DoubtfulPair: {
            a: components["schemas"]["Side"];
            b: components["schemas"]["Side"];
            distance_m: number;
            evidence: components["schemas"]["Evidence"][];
            prior_bits: number;
            probability: number;
            /** @enum {string} */
            reason: "unsure" | "rival" | "chain";
        };
        /** EndedCell */
        EndedCell: {
            code: string;
            into: string[];
        };
        /** Evidence */
        Evidence: {
            bits: number;
            comparison: string;
            words: string;
        };
        /**
         * FileFormat
         * @description Formats of files of features: a FeatureCollection (RFC 7946), features one after the other (RFC 8142, or lines).
         * @default geojson
         * @enum {string}
         */
        FileFormat: "geojson" | "geojsonseq";
        /** FindingTold */
        FindingTold: {
            area_m2: number;
            cells: number[];
            detail: string;
            kind: components["schemas"]["geo_topology_contracts_Kind"];
            lat: number;
            length_m: number;
            lon: number;
        };
        /** Flaw */
        Flaw: {
            area_m2: number;
            detail: string;
            kind: components["schemas"]["geo_topology_contracts_Kind"];
            lat: number;
            length_m: number;
            lon: number;
            records: string[];
        };
        /**
         * Format
         * @description File formats of import and export.
         * @default csv
         * @enum {string}
         */
        Format: "csv" | "xlsx" | "geojson" | "parquet";
        /** Geocoded */
        Geocoded: {
            address?: string | null;
            code?: string | null;
            confidence: number;
            id?: string | null;
            kind: string;
            lat?: number | null;
            lon?: number | null;
            matched: components["schemas"]["Part"][];
            name: string;
            note?: string | null;
            precision: string;
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
        /** ImportReport */
        ImportReport: {
            bad: components["schemas"]["BadRow"][];
            bad_total: number;
            dry_run: boolean;
            imported: number;
            rows: number;
        };
        /** Layer */
        Layer: {
            approval_number?: string | null;
            archive?: string | null;
            attribution?: string | null;
            district?: string | null;
            features?: string | null;
            kind: string;
            legend?: components["schemas"]["geo_layers_contracts_Mark"][];
            max_zoom: number;
            min_zoom: number;
            name: string;
            owner?: string | null;
            position: number;
            shown: boolean;
            style?: components["schemas"]["Style"] | null;
            theme?: string | null;
            tiles?: string | null;
            title: string;
            valid_from?: string | null;
            valid_to?: string | null;
            /** @default 1 */
            version: number;
        };
        /** Layers */
        Layers: {
            layers: components["schemas"]["Layer"][];
        };
        /** Merging */
        Merging: {
            /** Format: date-time */
            created_at: string;
            head: string | null;
            name: string;
            plan: components["schemas"]["Plan"];
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        /** Near */
        Near: {
            address: string | null;
            distance_m: number;
            id: string;
            kind: string;
            lat: number;
            lon: number;
            name: string;
        };
        /**
         * NewCell
         * @description A unit grid to be made: its outline and what is known of it.
         */
        NewCell: {
            /** @default null */
            land_use: string | null;
            /** @default null */
            management_grade: string | null;
            outline: components["schemas"]["Outline"];
            /** @default null */
            responsible: string | null;
        };
        /**
         * NewRun
         * @description What a run is to do. A `dry_run` reports and changes nothing.
         *
         *         `learn` estimates the weights anew; otherwise those of the run before hold, so that what was settled stays settled.
         *         `despite_shifts` goes on where a source seems to be in another coordinate system than it states.
         */
        NewRun: {
            /** @default false */
            despite_shifts: boolean;
            /** @default true */
            dry_run: boolean;
            /** @default false */
            learn: boolean;
        };
        /**
         * Operator
         * @description How a filter compares. `prefix` and `contains` take TEXT; `bbox` takes west,south,east,north.
         * @enum {unknown}
         */
        Operator: "bbox" | "contains" | "eq" | "gt" | "gte" | "in" | "lt" | "lte" | "ne" | "null" | "prefix";
        /**
         * Outline
         * @description A GeoJSON Polygon (RFC 7946) in degrees of CGCS2000: the outer ring, then holes; rings are closed.
         */
        Outline: {
            coordinates: number[][][];
            /** @enum {unknown} */
            type: "Polygon";
        };
        /** Part */
        Part: {
            code: string;
            level: string;
            name: string;
            text: string;
        };
        /** Place */
        Place: {
            cell?: components["schemas"]["Area"] | null;
            community?: components["schemas"]["Area"] | null;
            district?: components["schemas"]["Area"] | null;
            /** Format: date */
            on: string;
            street?: components["schemas"]["Area"] | null;
        };
        /** Places */
        Places: {
            cell: (string | null)[];
            community: (string | null)[];
            district: (string | null)[];
            /** Format: date */
            on: string;
            street: (string | null)[];
        };
        /**
         * Plan
         * @description How points are merged. The order of the sources is their rank where they disagree as often as they agree.
         *
         *         `classes` says which of the departments' words for kinds of components are the same: from a word to the code of
         *         CJ/T 214 or of the city's own list; a word that is not in it stands for itself. `match` and `doubtful` are
         *         probabilities: from `match` on two points are one thing, from `doubtful` on a person is asked.
         */
        Plan: {
            /** @default {} */
            classes: {
                [key: string]: string;
            };
            /** @default null */
            district: string | null;
            /** @default 0.2 */
            doubtful: number;
            /** @default 0.95 */
            match: number;
            /** @default null */
            owner: string | null;
            sources: components["schemas"]["SourcePlan"][];
        };
        /**
         * Positions
         * @description Positions as [longitude, latitude] in degrees of CGCS2000; `on` is a day, today unless given.
         */
        Positions: {
            /** @default null */
            on: string | null;
            positions: number[][];
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
        /** Received */
        Received: {
            points: number;
            source: string;
            version: number;
        };
        /**
         * RecordRef
         * @description A record of a source.
         */
        RecordRef: {
            record: string;
            source: string;
        };
        /** Reverse */
        Reverse: {
            address: string | null;
            areas: components["schemas"]["Place"];
            lat: number;
            lon: number;
            places: components["schemas"]["Near"][];
        };
        /** Run */
        Run: {
            dry_run: boolean;
            finished_at?: string | null;
            id: string;
            /** @enum {string} */
            kind: "merge" | "split";
            merging: string;
            /** Format: date-time */
            ordered_at: string;
            problem?: string | null;
            report?: components["schemas"]["merging_contracts_Report"] | null;
            state: components["schemas"]["State"];
        };
        /** Shift */
        Shift: {
            agree_instead?: number | null;
            agree_stated?: number | null;
            east_m: number;
            /**
             * @default
             * @enum {string}
             */
            finding: "" | "offset" | "datum";
            instead?: string | null;
            north_m: number;
            pairs: number;
            source: string;
            spread_m: number;
            stated: string;
        };
        /** Side */
        Side: {
            class: string | null;
            lat: number;
            lon: number;
            name: string | null;
            record: string;
            source: string;
        };
        /**
         * SourcePlan
         * @description One source: a Relation, or without one a file that is sent.
         *
         *         `accuracy_m` is the root mean square of its positions' planar error as its department states it (平面位置中误差);
         *         `datum` the coordinate system that its numbers are in. `duplicates` says that it may hold a thing twice.
         */
        SourcePlan: {
            accuracy_m: number;
            /**
             * @default {
             *       "class": null,
             *       "code": null,
             *       "district": null,
             *       "lat": null,
             *       "lon": null,
             *       "name": null,
             *       "record": null
             *     }
             */
            columns: components["schemas"]["Columns"];
            /** @default CGCS2000 */
            datum: string;
            /** @default false */
            duplicates: boolean;
            name: string;
            /** @default null */
            relation: string | null;
        };
        /** SourceReport */
        SourceReport: {
            bad: components["schemas"]["BadPoint"][];
            bad_total: number;
            points: number;
            source: string;
        };
        /**
         * State
         * @description Where a run is.
         * @enum {string}
         */
        State: "waiting" | "done" | "held" | "failed" | "undone";
        /** Step */
        Step: {
            at: number;
            colour: string;
            en?: string | null;
            zh?: string | null;
        };
        /** Style */
        Style: {
            by?: string | null;
            classes?: components["schemas"]["kernel_geo_layers_contracts_Class"][];
            /** @default #2563eb */
            colour: string;
            /** @default 0.25 */
            fill_opacity: number;
            label?: string | null;
            /** @default 1.5 */
            line_width: number;
            /** @default 1 */
            opacity: number;
            /** @default 5 */
            radius: number;
            steps?: components["schemas"]["Step"][];
        };
        /** System */
        System: {
            accuracy_m: number;
            datum: components["schemas"]["Datum"];
            epsg?: number | null;
            extent: [
                number,
                number,
                number,
                number
            ];
            name: string;
            title: components["schemas"]["Text"];
            unit: components["schemas"]["Unit"];
            zone?: components["schemas"]["Zone"] | null;
        };
        /** TakenBack */
        TakenBack: {
            community: string;
            ended: string[];
            id: string;
            standing_again: string[];
        };
        /** Text */
        Text: {
            en: string;
            zh: string;
        };
        /**
         * Unit
         * @description What positions of a system are counted in.
         * @enum {string}
         */
        Unit: "degree" | "metre";
        /**
         * Verdict
         * @description What a person says of a pair; `open` takes back what was said.
         * @enum {unknown}
         */
        Verdict: "different" | "open" | "same";
        /**
         * Wanted
         * @description A community (12 digits) to be divided, from a day on (today unless given).
         *
         *         `anew`: the unit grids that stand are ended on that day; an outline that draws one of them keeps it, with its
         *         code. `standing` is then what the last answer said, so that nothing is ended that its sender did not see.
         *         A `dry_run` says what is wrong and which codes there would be, and changes nothing.
         */
        Wanted: {
            /** @default false */
            anew: boolean;
            cells: components["schemas"]["NewCell"][];
            community: string;
            /** @default false */
            dry_run: boolean;
            /** @default null */
            owner: string | null;
            /** @default null */
            standing: string | null;
            /** @default null */
            starts_on: string | null;
        };
        /** Weight */
        Weight: {
            bits: number;
            comparison: string;
            level: number;
            m: number;
            u: number;
            words: string;
        };
        /** Zone */
        Zone: {
            false_easting: number;
            meridian: number;
            width: number;
        };
        /** Mark */
        geo_layers_contracts_Mark: {
            colour: string;
            least?: number | null;
            most?: number | null;
            text: string;
        };
        /**
         * Kind
         * @description What may be wrong with polygons that are to cover an area.
         * @enum {string}
         */
        geo_topology_contracts_Kind: "invalid" | "duplicate" | "overlap" | "gap" | "outside" | "unmatched";
        /** Class */
        kernel_geo_layers_contracts_Class: {
            colour: string;
            en?: string | null;
            value: string | number | boolean;
            zh?: string | null;
        };
        /** Report */
        merging_contracts_Report: {
            /** @default 0 */
            changed: number;
            /** @default 0 */
            components: number;
            /** @default 0 */
            created: number;
            /** @default 0 */
            doubtful: number;
            /** @default 0 */
            ended: number;
            /** @default false */
            learned: boolean;
            /** @default 0 */
            merged: number;
            /** @default 0 */
            pairs: number;
            /** @default 0 */
            seconds: number;
            /** @default 0 */
            share: number;
            shifts?: components["schemas"]["Shift"][];
            sources?: components["schemas"]["SourceReport"][];
            weights?: components["schemas"]["Weight"][];
        };
        /** Mark */
        search_logic_matching_Mark: {
            end: number;
            start: number;
        };
        /** Report */
        topology_contracts_Report: {
            area_m2: number;
            checked: number;
            flaws: components["schemas"]["Flaw"][];
            passed_over: number;
            relation: string;
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
    GeoConvertConvert: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Conversion"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Converted"];
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
    GeoGeocodeGeocode: {
        parameters: {
            query: {
                q: string;
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
                    "application/json": components["schemas"]["Geocoded"][];
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
    GeoGeocodeGeocodeFile: {
        parameters: {
            query: {
                address: string[];
                encoding?: "utf-8" | "gb18030";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 4194304 bytes */
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description Stream Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": unknown;
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
    GeoGridCellsDivide: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Wanted"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Division"];
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
    GeoGridCodesExplain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
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
                    "application/json": components["schemas"]["CodeParts"];
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
    GeoGridDivisionsUndoUndo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                division: string;
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
                    "application/json": components["schemas"]["TakenBack"];
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
    GeoLayersLayers: {
        parameters: {
            query?: {
                at?: string | "null";
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
                    "application/json": components["schemas"]["Layers"];
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
    GeoLayersNameLayer: {
        parameters: {
            query?: {
                at?: string | "null";
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
                    "application/json": components["schemas"]["Layer"];
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
    GeoLayersNameArchiveArchive: {
        parameters: {
            query?: {
                at?: string | "null";
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
                    "application/vnd.pmtiles": unknown;
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
    GeoLayersNameBuildsBuilds: {
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
                    "application/json": components["schemas"]["Build"][];
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
    GeoLayersNameBuildsBuild: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                build: string;
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
                    "application/json": components["schemas"]["Build"];
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
    GeoLayersNameFileHandIn: {
        parameters: {
            query?: {
                /** @description Formats of files of features: a FeatureCollection (RFC 7946), features one after the other (RFC 8142, or lines). */
                format?: components["schemas"]["FileFormat"];
                datum?: string;
                valid_from?: string | "null";
                valid_to?: string | "null";
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description At most 134217728 bytes */
        requestBody: {
            content: {
                "application/geo+json": string;
                "application/geo+json-seq": string;
            };
        };
        responses: {
            /** @description Request accepted, processing continues off-line */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Build"];
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
    GeoLayersNameTilesTilejson: {
        parameters: {
            query?: {
                at?: string | "null";
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
                    "application/json": {
                        [key: string]: unknown;
                    };
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
    GeoLayersNameTilesZRowColTile: {
        parameters: {
            query?: {
                at?: string | "null";
            };
            header?: never;
            path: {
                name: string;
                z: number;
                row: number;
                col: number;
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
                    "application/vnd.mapbox-vector-tile": unknown;
                    "image/png": unknown;
                };
            };
            /** @description Nothing is there */
            204: {
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
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    GeoLocateLocateOne: {
        parameters: {
            query: {
                lon: number;
                lat: number;
                on?: string | "null";
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
                    "application/json": components["schemas"]["Place"];
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
    GeoLocateLocate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Positions"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Places"];
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
    GeoMergingsMergings: {
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
                    "application/json": components["schemas"]["Merging"][];
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
    GeoMergingsNameMerging: {
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
                    "application/json": components["schemas"]["Merging"];
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
    GeoMergingsNameKeep: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Plan"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Merging"];
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
    GeoMergingsNameComponentsUndoSplit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                component: string;
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
                    "application/json": components["schemas"]["Run"];
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
    GeoMergingsNameDecisionsDecide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decisions"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decided"];
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
    GeoMergingsNameDoubtsDoubts: {
        parameters: {
            query?: {
                run?: string;
                cursor?: string;
                limit?: number;
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
                    "application/json": components["schemas"]["DoubtPage"];
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
    GeoMergingsNamePointsSourceReceive: {
        parameters: {
            query?: {
                /** @description File formats of import and export. */
                format?: components["schemas"]["Format"];
            };
            header?: never;
            path: {
                name: string;
                source: string;
            };
            cookie?: never;
        };
        /** @description At most 67108864 bytes */
        requestBody: {
            content: {
                "application/geo+json": string;
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
                    "application/json": components["schemas"]["Received"];
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
    GeoMergingsNameRunsRuns: {
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
                    "application/json": components["schemas"]["Run"][];
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
    GeoMergingsNameRunsOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRun"];
            };
        };
        responses: {
            /** @description Request accepted, processing continues off-line */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
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
    GeoMergingsNameRunsRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                run: string;
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
                    "application/json": components["schemas"]["Run"];
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
    GeoMergingsNameRunsUndoUndo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                run: string;
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
                    "application/json": components["schemas"]["Run"];
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
    GeoPlacesImportImportPlaces: {
        parameters: {
            query: {
                datum: string;
                /** @description File formats of import and export. */
                format?: components["schemas"]["Format"];
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 67108864 bytes */
        requestBody: {
            content: {
                "application/geo+json": string;
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
            409: components["responses"]["409"];
            413: components["responses"]["413"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    GeoReverseReverse: {
        parameters: {
            query: {
                lon: number;
                lat: number;
                datum?: string;
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
                    "application/json": components["schemas"]["Reverse"];
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
    GeoSuggestSuggest: {
        parameters: {
            query: {
                q: string;
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
    GeoSystemsSystems: {
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
                    "application/json": components["schemas"]["System"][];
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
    GeoTopologyChecksCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description At most 8388608 bytes */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Asked"];
            };
        };
        responses: {
            /** @description Request fulfilled, document follows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["topology_contracts_Report"];
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
    OgcLanding: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
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
    OgcCollectionsCollections: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
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
    OgcCollectionsCollectionIdCollection: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
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
    OgcCollectionsCollectionIdItemsItems: {
        parameters: {
            query?: {
                /** @description 10 unless given */
                limit?: number | "null";
                /** @description west,south,east,north */
                bbox?: string;
                "bbox-crs"?: string;
                /** @description a moment, a day, or from/to with .. for no bound */
                datetime?: string;
                /** @description the URI of one of the collection's crs */
                crs?: string;
                /** @description CQL2 */
                filter?: string;
                /** @description cql2-text or cql2-json */
                "filter-lang"?: string;
                "filter-crs"?: string;
                /** @description name,-name */
                sortby?: string;
                /** @description those to be shown, parted by commas */
                properties?: string;
                /** @description of a next link */
                cursor?: string;
                /** @description json */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
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
    OgcCollectionsCollectionIdItemsFeatureIdItem: {
        parameters: {
            query?: {
                /** @description the URI of one of the collection's crs */
                crs?: string;
                /** @description json */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
                feature_id: string;
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
    OgcCollectionsCollectionIdQueryablesQueryables: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
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
                    "application/schema+json": unknown;
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
    OgcCollectionsCollectionIdSchemaSchema: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
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
                    "application/schema+json": unknown;
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
    OgcCollectionsCollectionIdTilesTilesets: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
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
    OgcCollectionsCollectionIdTilesTileMatrixSetIdTileset: {
        parameters: {
            query?: {
                /** @description json or tilejson */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
                tile_matrix_set_id: string;
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
    OgcCollectionsCollectionIdTilesTileMatrixSetIdZRowVectorTile: {
        parameters: {
            query?: {
                /** @description those to be shown, parted by commas */
                properties?: string;
                /** @description mvt */
                f?: string;
            };
            header?: never;
            path: {
                collection_id: string;
                tile_matrix_set_id: string;
                z: number;
                row: number;
                col: number;
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
                    "application/vnd.mapbox-vector-tile": unknown;
                };
            };
            /** @description Nothing is there */
            204: {
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
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            500: components["responses"]["500"];
            503: components["responses"]["503"];
        };
    };
    OgcConformanceConformance: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
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
    OgcTilematrixsetsTileMatrixSets: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
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
    OgcTilematrixsetsTileMatrixSetIdTileMatrixSet: {
        parameters: {
            query?: {
                /** @description json */
                f?: string;
            };
            header?: never;
            path: {
                tile_matrix_set_id: string;
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
}
