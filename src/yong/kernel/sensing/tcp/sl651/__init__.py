"""SL 651-2014: hydrological stations (水文监测数据通信规约), in its HEX/BCD coding."""
